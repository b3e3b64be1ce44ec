/** Who is calling this surface: `Authorization: Bearer SG.…`, and `on-behalf-of` for a subuser. */
import type { FastifyReply, FastifyRequest, preHandlerHookHandler } from 'fastify';
import { AppError } from '../../core/errors.ts';
import { requireScope, type ScopedCaller, type SubuserReference } from '../../core/principal.ts';
import type { Scope } from '../../core/scopes.ts';
import { hashToken } from '../../core/sendgrid-key.ts';
import type { AuthenticationService } from '../../services/authentication.ts';
import type { RateLimiter } from '../rate-limit.ts';
import { isWrite, type Turnstile } from '../turnstile.ts';

/** A hook for one operation: any of the scopes is enough; none named means any valid key. */
export type Authenticate = (...anyOf: readonly Scope[]) => preHandlerHookHandler;

const callers = new WeakMap<FastifyRequest, ScopedCaller>();

/** The caller that the operation's hook has found. */
export function callerOf(request: FastifyRequest): ScopedCaller {
  const caller = callers.get(request);
  if (caller === undefined) throw new Error('this route has no authentication hook');
  return caller;
}

export interface AuthenticateParts {
  readonly authentication: AuthenticationService;
  readonly limit: RateLimiter;
  readonly turnstile: Turnstile;
}

export function createAuthenticate({ authentication, limit, turnstile }: AuthenticateParts): Authenticate {
  const identify = async (request: FastifyRequest, reply: FastifyReply) => {
    const token = bearerToken(request);
    if (token === undefined) throw new AppError({ code: 'credentials_missing' });
    const onBehalfOf = subuserReference(request.headers['on-behalf-of']);
    try {
      return await authentication.sendGridCaller({ token, onBehalfOf, requestId: request.id });
    } catch (error) {
      // guesses with ever new keys would each have a bucket of their own
      if (error instanceof AppError && error.failure.code === 'credentials_invalid') {
        await limit(request, reply, addressBucket(request));
      }
      throw error;
    }
  };
  return (...anyOf) =>
    async (request, reply) => {
      let caller = await identify(request, reply);
      // who had to wait is looked at again: the key may have been revoked meanwhile
      const waited = isWrite(request) && (await turnstile.enter(caller.organization.id, reply));
      if (waited) caller = await identify(request, reply);
      if (anyOf.length > 0) requireScope(caller, ...anyOf);
      callers.set(request, caller);
    };
}

/** The bucket to count a request in before its key is looked up: the key as presented, or else the address. */
export function bucketOf(request: FastifyRequest): string {
  const token = bearerToken(request);
  return token === undefined ? addressBucket(request) : `key:${hashToken(token)}`;
}

function addressBucket(request: FastifyRequest): string {
  return `address:${request.ip}`;
}

function bearerToken(request: FastifyRequest): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
}

/** `<username>` or `account-id <number>`; an empty header, which some clients always send, names nobody. */
function subuserReference(header: string | string[] | undefined): SubuserReference | undefined {
  const value = (Array.isArray(header) ? header.join(',') : (header ?? '')).trim();
  if (value === '') return undefined;
  const userId = /^account-id +(\d{1,15})$/i.exec(value)?.[1];
  if (userId !== undefined) return { kind: 'account_id', userId: Number(userId) };
  return { kind: 'username', username: value };
}
