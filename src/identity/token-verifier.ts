/**
 * Tokens of an OpenID Connect issuer (OpenID Connect Discovery 1.0, RFC 7519): who the bearer is, and with which role
 * in which organizations. The issuer's keys are fetched when needed and again when a token names an unknown one.
 */
import { createHash } from 'node:crypto';
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';
import { AppError } from '../core/errors.ts';
import { organizationIdForm, userIdForm } from '../core/ids.ts';
import { type Role, roles } from '../core/roles.ts';

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
  /** Names of claims. `organizations` holds ids, or an object of id → role; `role` one role for all of them. */
  readonly claims: { readonly user: string; readonly organizations: string; readonly role: string };
}

export interface Identity {
  readonly userId: string;
  /** Undefined: no member of that organization. */
  roleIn(organizationId: string): Role | undefined;
}

const discoveryForm = z.object({ issuer: z.string(), jwks_uri: z.url() });
const roleForm = z.enum(roles);

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
    const { user, organizations, role } = this.#options.claims;
    const subject = payload[user];
    if (typeof subject !== 'string' || subject === '') throw new AppError({ code: 'credentials_invalid' });
    const memberships = toMemberships(payload[organizations], roleForm.safeParse(payload[role]).data);
    return {
      userId: userIdForm.test(subject) ? subject : derivedUserId(this.#options.issuer, subject),
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

function withoutSlash(url: string): string {
  return url.replace(/\/$/, '');
}

function toMemberships(claim: unknown, role: Role | undefined): ReadonlyMap<string, Role> {
  const memberships = new Map<string, Role>();
  const add = (id: unknown, given: Role | undefined) => {
    if (typeof id === 'string' && organizationIdForm.test(id) && given !== undefined)
      memberships.set(id, given);
  };
  if (typeof claim === 'string') add(claim, role);
  else if (Array.isArray(claim)) for (const id of claim) add(id, role);
  else if (typeof claim === 'object' && claim !== null) {
    for (const [id, given] of Object.entries(claim)) add(id, roleForm.safeParse(given).data);
  }
  return memberships;
}

/** Subjects are any text; what is shown as a user id has a form, so other subjects are hashed into it. */
function derivedUserId(issuer: URL, subject: string): string {
  return `user_${createHash('sha256')
    .update(`${withoutSlash(issuer.href)}\n${subject}`)
    .digest('hex')
    .slice(0, 32)}`;
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
