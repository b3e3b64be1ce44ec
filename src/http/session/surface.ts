/** The session surface, /session: how a person in a browser signs in and out. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError, invalid } from '../../core/errors.ts';
import type { PreviousSession, SessionService } from '../../services/sessions.ts';
import type { SignInService } from '../../services/sign-in.ts';
import { acceptBodies, readJson } from '../body.ts';
import { answerFailures, serveContract } from '../frame.ts';
import { createRateLimiter } from '../rate-limit.ts';
import { resource } from '../resource.ts';
import { requireServable } from '../server.ts';
import type { SessionCookies } from '../session-cookies.ts';
import type { Surface } from '../surface.ts';
import { renderFailure } from './errors.ts';
import { registerOpenIdConnect } from './openid-connect.ts';
import { sessionToWire } from './wire.ts';

export interface SessionSurfaceServices {
  readonly sessions: SessionService;
  readonly cookies: SessionCookies;
  readonly signIn: SignInService;
  readonly rateLimitPerSecond: number;
}

const signInForm = z.object({ api_key: z.string() });

export function sessionSurface(services: SessionSurfaceServices): Surface {
  const surface = { prefix: '/session', renderFailure };
  return { ...surface, plugin: async (app) => await register(app, services, surface) };
}

async function register(
  app: FastifyInstance,
  { sessions, cookies, signIn, rateLimitPerSecond }: SessionSurfaceServices,
  surface: Pick<Surface, 'renderFailure'>,
): Promise<void> {
  const limit = createRateLimiter(app, rateLimitPerSecond);
  answerFailures(app, surface);
  app.addHook('onRequest', async (request, reply) => {
    // answers hold the CSRF token
    reply.header('cache-control', 'no-store');
    await limit(request, reply, `address:${request.ip}`);
    requireServable(request);
  });
  acceptBodies(app);

  resource(app, '', {
    GET: {
      authorize: [],
      handler: async (request) => {
        cookies.requireOwnPage(request);
        const token = requireSession(cookies, request);
        return { success: true, data: sessionToWire(token, await sessions.find(token)) };
      },
    },
    POST: {
      authorize: [],
      handler: async (request, reply) => {
        cookies.requireOwnPage(request);
        const body = signInForm.safeParse(readJson(request));
        if (!body.success) throw invalid(['api_key'], 'api_key should be a text');
        const begun = await sessions.beginWithKey(body.data.api_key, {
          requestId: request.id,
          previous: previousOf(cookies, request),
        });
        cookies.begin(reply, begun);
        const data = sessionToWire(begun.token.reveal(), begun.session);
        return await reply.code(201).send({ success: true, message: 'Signed in', data });
      },
    },
    DELETE: {
      authorize: [],
      handler: async (request, reply) => {
        cookies.requireOwnPage(request);
        const token = requireSession(cookies, request);
        cookies.requireCsrfToken(request, token);
        await sessions.end(token, request.id);
        cookies.clear(reply, 'session');
        return await reply.code(204).send();
      },
    },
  });

  resource(app, '/methods', {
    GET: {
      authorize: [],
      handler: async () => ({
        success: true,
        data: { api_key: true, openid_connect: signIn.isSetUp },
      }),
    },
  });

  registerOpenIdConnect(app, { signIn, cookies });
  serveContract(app, 'session');
}

/** @throws AppError session_expired */
function requireSession(cookies: SessionCookies, request: FastifyRequest): string {
  const token = cookies.sessionOf(request);
  if (token === undefined) throw new AppError({ code: 'session_expired' });
  return token;
}

/** @throws AppError csrf_token_invalid for a token that is not the one of the session */
function previousOf(cookies: SessionCookies, request: FastifyRequest): PreviousSession | undefined {
  const token = cookies.sessionOf(request);
  if (token === undefined) return undefined;
  const isContinued = request.headers['x-csrf-token'] !== undefined;
  if (isContinued) cookies.requireCsrfToken(request, token);
  return { token, isContinued };
}
