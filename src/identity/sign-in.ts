/**
 * Signing people in at the OpenID Connect issuer: authorization code with PKCE, state and nonce (OpenID Connect Core
 * 1.0, 3.1; RFC 7636). Who may do what is read from the ID token, or from the userinfo endpoint where the issuer keeps
 * such claims there.
 */
import * as client from 'openid-client';
import { AppError } from '../core/errors.ts';
import type { Role } from '../core/roles.ts';
import type { Secret } from '../core/secret.ts';
import { isStorableText } from '../core/text.ts';
import { type ClaimNames, type Claims, membershipsOf, userIdOf } from './claims.ts';

export interface SignInOptions {
  readonly issuer: URL;
  readonly clientId: string;
  /** Undefined: a public client, which PKCE alone protects. */
  readonly clientSecret: Secret | undefined;
  readonly redirectUrl: URL;
  readonly claims: ClaimNames;
}

/** What has to be the same when the browser comes back. */
export interface SignInTransaction {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** Whom the issuer has vouched for. */
export interface SignedInUser {
  readonly id: string;
  readonly name: string | null;
  /** Roles by organization, as the issuer says it. */
  readonly memberships: ReadonlyMap<string, Role>;
}

const issuerTimeoutSeconds = 5;
const mostNameLength = 200;
const scope = 'openid profile email';

export class SignInProvider {
  readonly #options: SignInOptions;
  #configuration: Promise<client.Configuration> | undefined;

  constructor(options: SignInOptions) {
    this.#options = options;
  }

  /** @returns where to send the browser. @throws AppError identity_provider_unavailable */
  async begin(): Promise<{ readonly url: URL; readonly transaction: SignInTransaction }> {
    const configuration = await this.#discovered();
    const transaction = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      codeVerifier: client.randomPKCECodeVerifier(),
    };
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: this.#options.redirectUrl.href,
      scope,
      state: transaction.state,
      nonce: transaction.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(transaction.codeVerifier),
      code_challenge_method: 'S256',
    });
    return { url, transaction };
  }

  /**
   * @param query with which the issuer has sent the browser back, with its question mark.
   * @throws AppError sign_in_failed, identity_provider_unavailable
   */
  async complete(query: string, transaction: SignInTransaction): Promise<SignedInUser> {
    const configuration = await this.#discovered();
    const { claims: names, issuer, redirectUrl } = this.#options;
    try {
      const tokens = await client.authorizationCodeGrant(configuration, new URL(redirectUrl.href + query), {
        expectedState: transaction.state,
        expectedNonce: transaction.nonce,
        pkceCodeVerifier: transaction.codeVerifier,
        idTokenExpected: true,
      });
      const idToken: Claims = tokens.claims() ?? {};
      const claims = {
        ...(await moreClaims(configuration, tokens, idToken[names.organizations])),
        ...idToken,
      };
      const id = userIdOf(claims, names, issuer);
      if (id === undefined) throw new AppError({ code: 'sign_in_failed' });
      return { id, name: nameOf(claims), memberships: membershipsOf(claims, names) };
    } catch (error) {
      throw translate(error);
    }
  }

  #discovered(): Promise<client.Configuration> {
    this.#configuration ??= discover(this.#options).catch((error: unknown) => {
      this.#configuration = undefined;
      throw new AppError({ code: 'identity_provider_unavailable' }, { cause: error });
    });
    return this.#configuration;
  }
}

async function discover({ issuer, clientId, clientSecret }: SignInOptions): Promise<client.Configuration> {
  // the issuer is who the operator says it is, also over plain HTTP on their own machine
  const insecure = issuer.protocol === 'http:' ? [client.allowInsecureRequests] : [];
  return await client.discovery(issuer, clientId, undefined, authenticationOf(clientSecret), {
    // ID tokens are checked by their signature too, not only by where they came from
    execute: [client.enableNonRepudiationChecks, ...insecure],
    timeout: issuerTimeoutSeconds,
  });
}

function authenticationOf(clientSecret: Secret | undefined): client.ClientAuth {
  if (clientSecret === undefined) return client.None();
  const [post, basic] = [
    client.ClientSecretPost(clientSecret.reveal()),
    client.ClientSecretBasic(clientSecret.reveal()),
  ];
  return (server, ...rest) => {
    const isPost = server.token_endpoint_auth_methods_supported?.includes('client_secret_post') === true;
    (isPost ? post : basic)(server, ...rest);
  };
}

type Tokens = Awaited<ReturnType<typeof client.authorizationCodeGrant>>;

/** Many issuers keep all but the subject out of the ID token. */
async function moreClaims(
  configuration: client.Configuration,
  tokens: Tokens,
  organizations: unknown,
): Promise<Claims> {
  const subject = tokens.claims()?.sub;
  const { userinfo_endpoint: endpoint } = configuration.serverMetadata();
  if (organizations !== undefined || endpoint === undefined || subject === undefined) return {};
  return await client.fetchUserInfo(configuration, tokens.access_token, subject);
}

function nameOf(claims: Claims): string | null {
  const names = [claims['name'], claims['preferred_username'], claims['email']];
  const name = names.find((each) => typeof each === 'string' && each !== '' && isStorableText(each));
  return typeof name === 'string' ? name.slice(0, mostNameLength).toWellFormed() : null;
}

function translate(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const code = isAnswered(error) ? 'sign_in_failed' : 'identity_provider_unavailable';
  return new AppError({ code }, { cause: error });
}

/** Whether the issuer has said something of the sign-in; otherwise it, or the way to it, is at fault. */
function isAnswered(error: unknown): boolean {
  if (!isFromLibrary(error) || Reflect.get(error, 'code') === 'OAUTH_TIMEOUT') return false;
  return !(error.cause instanceof Response && error.cause.status >= 500);
}

/** Everything else is the network's. */
function isFromLibrary(error: unknown): error is Error {
  return (
    error instanceof client.ClientError ||
    error instanceof client.AuthorizationResponseError ||
    error instanceof client.ResponseBodyError ||
    error instanceof client.WWWAuthenticateChallengeError
  );
}
