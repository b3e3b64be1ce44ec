/** The SendGrid surface, /v3: everything between the socket and the services that is particular to this API. */
import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';
import type { ApiKeyService } from '../../services/api-keys.ts';
import type { AuthenticationService } from '../../services/authentication.ts';
import type { SegmentIntegrationService } from '../../services/segment-integrations.ts';
import type { SubuserService } from '../../services/subusers.ts';
import { acceptBodies } from '../body.ts';
import { answerFailures, serveContract } from '../frame.ts';
import { createRateLimiter } from '../rate-limit.ts';
import { requireServable } from '../server.ts';
import type { Surface } from '../surface.ts';
import type { Turnstile } from '../turnstile.ts';
import { registerApiKeys } from './api-keys.ts';
import { bucketOf, createAuthenticate } from './authenticate.ts';
import { renderFailure } from './errors.ts';
import { registerIntegrations } from './integrations.ts';
import { registerSubusers } from './subusers.ts';

export interface SendGridServices {
  readonly authentication: AuthenticationService;
  readonly integrations: SegmentIntegrationService;
  readonly apiKeys: ApiKeyService;
  readonly subusers: SubuserService;
  readonly rateLimitPerSecond: number;
  readonly turnstile: Turnstile;
}

export function sendGridSurface(services: SendGridServices): Surface {
  const surface = { prefix: '/v3', renderFailure };
  return { ...surface, plugin: async (app) => await register(app, services, surface) };
}

async function register(
  app: FastifyInstance,
  services: SendGridServices,
  surface: Pick<Surface, 'renderFailure'>,
): Promise<void> {
  const limit = createRateLimiter(app, services.rateLimitPerSecond);
  const authenticate = createAuthenticate({ ...services, limit });
  answerFailures(app, surface);
  app.addHook('onRequest', async (request, reply) => {
    // here and not only in the CORS plugin, so that a browser can also read what is refused before that runs
    reply.header('access-control-allow-origin', '*');
    await limit(request, reply, bucketOf(request));
    requireServable(request);
  });
  // as the real gateway answers browsers
  await app.register(cors, {
    origin: '*',
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ['Authorization', 'Content-Type', 'On-behalf-of'],
    maxAge: 21_600,
    strictPreflight: false,
  });
  acceptBodies(app);
  registerIntegrations(app, authenticate, services.integrations);
  registerApiKeys(app, authenticate, services.apiKeys);
  registerSubusers(app, authenticate, services.subusers);
  serveContract(app, 'sendgrid');
}
