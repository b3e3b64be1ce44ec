/**
 * Tokens of an OpenID Connect issuer (OpenID Connect Discovery 1.0, RFC 7519): who the bearer is, and with which role
 * in which organizations. The issuer's keys are fetched when needed and again when a token names an unknown one.
 */
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';
import { AppError } from '../core/errors.ts';
import type { Role } from '../core/roles.ts';
import { type ClaimNames, membershipsOf, userIdOf, withoutSlash } from './claims.ts';

/** Asymmetric only: with a shared secret, whoever can check a token could make one. */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const clockSkewSeconds = 30;
const issuerTimeoutMs = 5_000;
/** An unknown key id leads to a new look at the issuer's keys at most this often. */
const keyRefetchMs = 5_000;

export interface TokenVerifierOptions {
  readonly issuer: URL;
  readonly audience: string;
  readonly claims: ClaimNames;
}

export interface Identity {
  readonly userId: string;
  /** Undefined: no member of that organization. */
  roleIn(organizationId: string): Role | undefined;
}

const discoveryForm = z.object({ issuer: z.string(), jwks_uri: z.url() });

/** What an issuer's discovery tells: its name as tokens carry it, and where to find its keys. */
interface DiscoveredIssuer {
  readonly name: string;
  readonly keys: JWTVerifyGetKey;
}

export class TokenVerifier {
  readonly #options: TokenVerifierOptions;
  #issuer: Promise<DiscoveredIssuer> | undefined;

  constructor(options: TokenVerifierOptions) {
    this.#options = options;
  }

  /** @throws AppError credentials_invalid, identity_provider_unavailable */
  async verify(token: string): Promise<Identity> {
    const { name, keys } = await this.#discovered();
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: name,
        audience: this.#options.audience,
        algorithms,
        clockTolerance: clockSkewSeconds,
        requiredClaims: ['exp', this.#options.claims.user],
      });
      return this.#toIdentity(payload);
    } catch (error) {
      throw translate(error);
    }
  }

  #discovered(): Promise<DiscoveredIssuer> {
    this.#issuer ??= discover(this.#options.issuer).catch((error: unknown) => {
      this.#issuer = undefined;
      throw new AppError({ code: 'identity_provider_unavailable' }, { cause: error });
    });
    return this.#issuer;
  }

  #toIdentity(payload: JWTPayload): Identity {
    const { claims, issuer } = this.#options;
    const userId = userIdOf(payload, claims, issuer);
    if (userId === undefined) throw new AppError({ code: 'credentials_invalid' });
    const memberships = membershipsOf(payload, claims);
    return {
      userId,
      roleIn: (organizationId) => memberships.get(organizationId),
    };
  }
}

async function discover(issuer: URL): Promise<DiscoveredIssuer> {
  const url = `${withoutSlash(issuer.href)}/.well-known/openid-configuration`;
  const response = await fetch(url, { signal: AbortSignal.timeout(issuerTimeoutMs), redirect: 'error' });
  if (!response.ok) throw new Error(`the issuer answered its discovery with ${response.status}`);
  const document = discoveryForm.parse(await response.json());
  // some issuers' names end in a slash, others' do not, and people set either
  if (withoutSlash(document.issuer) !== withoutSlash(issuer.href))
    throw new Error('the issuer names itself otherwise in its discovery');
  const keys = createRemoteJWKSet(new URL(document.jwks_uri), {
    timeoutDuration: issuerTimeoutMs,
    cooldownDuration: keyRefetchMs,
  });
  return { name: document.issuer, keys };
}

function translate(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const code = isAboutToken(error) ? 'credentials_invalid' : 'identity_provider_unavailable';
  return new AppError({ code }, { cause: error });
}

/** Errors without a code of their own are about fetching the keys, as are the named ones. */
function isAboutToken(error: unknown): boolean {
  if (!(error instanceof errors.JOSEError) || error.code === errors.JOSEError.code) return false;
  return !(error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid);
}
