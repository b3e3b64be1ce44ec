/**
 * Who is calling this surface: `X-API-Key`, a token or a session, and `X-Organization-Id` (contract: butter, sections 1
 * and 5).
 */
import type { FastifyReply, FastifyRequest, preHandlerHookHandler } from 'fastify';
import { AppError } from '../../core/errors.ts';
import { type RoleCaller, requirePermission, type Tier } from '../../core/principal.ts';
import type { Permission } from '../../core/roles.ts';
import { hashToken } from '../../core/sendgrid-key.ts';
import type { RoleAuthentication, RoleAuthenticationService } from '../../services/role-authentication.ts';
import type { SessionService } from '../../services/sessions.ts';
import type { RateLimiter } from '../rate-limit.ts';
import type { SessionCookies } from '../session-cookies.ts';
import { isWrite, type Turnstile } from '../turnstile.ts';

/** Requests per second of an organization; an enterprise has no bound but the server's own per key. */
const tierLimits: Readonly<Record<Tier, number | undefined>> = {
  starter: 10,
  pro: 50,
  enterprise: undefined,
};

export interface AuthenticateOptions {
  readonly permission: Permission | undefined;
  /** Whether a bearer token is as good as a key. */
  readonly tokens: boolean;
}

const callers = new WeakMap<FastifyRequest, RoleCaller>();

/** The caller that the operation's hook has found. */
export function callerOf(request: FastifyRequest): RoleCaller {
  const caller = callers.get(request);
  if (caller === undefined) throw new Error('this route has no authentication hook');
  return caller;
}

export interface AuthenticateParts {
  readonly authentication: RoleAuthenticationService;
  readonly sessions: SessionService;
  readonly cookies: SessionCookies;
  readonly limit: RateLimiter;
  readonly turnstile: Turnstile;
}

export function createAuthenticate(parts: AuthenticateParts) {
  const { limit, turnstile } = parts;
  return ({ permission, tokens }: AuthenticateOptions): preHandlerHookHandler =>
    async (request, reply) => {
      const identification = { request, reply, tokens };
      let caller = await identify(parts, identification);
      // who had to wait is looked at again: the key may have been revoked meanwhile
      const waited = isWrite(request) && (await turnstile.enter(caller.organization.id, reply));
      if (waited) caller = await identify(parts, identification);
      const perSecond = tierLimits[caller.organization.tier];
      if (perSecond !== undefined) {
        await limit(request, reply, `organization:${caller.organization.id}`, perSecond);
      }
      if (permission !== undefined) requirePermission(caller, permission);
      callers.set(request, caller);
    };
}

interface Identification {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly tokens: boolean;
}

async function identify(
  parts: AuthenticateParts,
  { request, reply, tokens }: Identification,
): Promise<RoleCaller> {
  const credentials = credentialsOf(request, tokens, parts.cookies);
  if (credentials === undefined) throw new AppError({ code: 'credentials_missing' });
  const organizationId = headerOf(request, 'x-organization-id') ?? '';
  try {
    if (credentials.kind === 'session') return await bySession(parts, { request, reply }, credentials.text);
    return await parts.authentication.caller({ credentials, organizationId, requestId: request.id });
  } catch (error) {
    const code = error instanceof AppError ? error.failure.code : undefined;
    // guesses with ever new keys would each have a bucket of their own
    if (code === 'credentials_invalid' || code === 'session_expired') {
      await parts.limit(request, reply, addressBucket(request));
    }
    // an invalid key is told first; only who is let in learns that the organization is missing
    if (code === 'organization_mismatch' && organizationId === '') throw missingOrganization();
    throw error;
  }
}

/** A cookie alone is no word of the person: it comes along with what pages of other sites send. */
async function bySession(
  { sessions, cookies, limit }: AuthenticateParts,
  { request, reply }: Pick<Identification, 'request' | 'reply'>,
  token: string,
): Promise<RoleCaller> {
  cookies.requireOwnPage(request);
  cookies.requireCsrfToken(request, token);
  reply.header('cache-control', 'no-store');
  const organizationId = headerOf(request, 'x-organization-id') ?? '';
  const { caller, countedAs } = await sessions.caller({ token, organizationId, requestId: request.id });
  await limit(request, reply, countedAs);
  return caller;
}

/** The bucket to count a request in before its key is looked up: the key as presented, or else the address. */
export function bucketOf(request: FastifyRequest, cookies: SessionCookies): string {
  const credentials = credentialsOf(request, true, cookies);
  if (credentials === undefined) return addressBucket(request);
  return `${credentials.kind === 'session' ? 'session' : 'key'}:${hashToken(credentials.text)}`;
}

type Credentials = RoleAuthentication['credentials'] | { readonly kind: 'session'; readonly text: string };

/** What is sent on purpose counts before the cookie, which browsers send by themselves. */
function credentialsOf(
  request: FastifyRequest,
  tokens: boolean,
  cookies: SessionCookies,
): Credentials | undefined {
  const key = headerOf(request, 'x-api-key');
  if (key !== undefined) return { kind: 'api_key', text: key };
  const token = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
  if (tokens && token !== undefined) return { kind: 'token', text: token };
  const session = cookies.sessionOf(request);
  return session === undefined ? undefined : { kind: 'session', text: session };
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function addressBucket(request: FastifyRequest): string {
  return `address:${request.ip}`;
}

function missingOrganization(): AppError {
  const path = ['x-organization-id'];
  const issue = { type: 'missing', location: 'header', path, message: 'Field required' } as const;
  return new AppError({ code: 'invalid_request', issues: [issue] });
}
