/** The Butter surface, /api: everything between the socket and the services that is particular to this API. */
import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import { parse } from 'yaml';
import { AppError } from '../../core/errors.ts';
import type { RoleAuthenticationService } from '../../services/role-authentication.ts';
import type { SessionService } from '../../services/sessions.ts';
import { acceptBodies } from '../body.ts';
import { createRateLimiter } from '../rate-limit.ts';
import { resource } from '../resource.ts';
import { answerFailure, requireServable } from '../server.ts';
import type { SessionCookies } from '../session-cookies.ts';
import type { Surface } from '../surface.ts';
import type { Turnstile } from '../turnstile.ts';
import { registerApiKeys } from './api-keys.ts';
import { registerAuditLog } from './audit-log.ts';
import { bucketOf, createAuthenticate } from './authenticate.ts';
import { registerChanges } from './changes.ts';
import type { ButterContext } from './context.ts';
import { registerDelivery } from './delivery.ts';
import { registerDeliveryFigures } from './delivery-figures.ts';
import { renderFailure } from './errors.ts';
import { registerEventSources } from './event-sources.ts';
import { registerIntegrations } from './integrations.ts';
import { registerOverview } from './overview.ts';
import { registerPhoneNumbers } from './phone-numbers.ts';
import { registerProviders } from './providers.ts';
import { registerBulkDelete } from './removal.ts';
import { integrationWriter } from './wire.ts';

export interface ButterServices
  extends Omit<ButterContext, 'authenticate' | 'authenticateWithToken' | 'integrationToWire'> {
  readonly authentication: RoleAuthenticationService;
  readonly sessions: SessionService;
  readonly cookies: SessionCookies;
  readonly rateLimitPerSecond: number;
  readonly turnstile: Turnstile;
}

const contractFile = new URL('../../../contracts/butter.yaml', import.meta.url);

export function butterSurface(services: ButterServices): Surface {
  const surface = { prefix: '/api', renderFailure };
  return { ...surface, plugin: async (app) => await register(app, services, surface) };
}

async function register(
  app: FastifyInstance,
  { authentication, sessions, cookies, rateLimitPerSecond, turnstile, ...services }: ButterServices,
  surface: Pick<Surface, 'renderFailure'>,
): Promise<void> {
  const limit = createRateLimiter(app, rateLimitPerSecond);
  const authenticate = createAuthenticate({ authentication, sessions, cookies, limit, turnstile });
  const context: ButterContext = {
    ...services,
    integrationToWire: integrationWriter(services.catalog),
    authenticate: (permission) => authenticate({ permission, tokens: false }),
    authenticateWithToken: authenticate({ permission: undefined, tokens: true }),
  };
  app.setErrorHandler((error, request, reply) => answerFailure(error, { request, reply, surface }));
  app.setNotFoundHandler(async () => {
    throw new AppError({ code: 'route_not_found' });
  });
  app.addHook('onRequest', async (request, reply) => {
    await limit(request, reply, bucketOf(request, cookies));
    requireServable(request);
  });
  acceptBodies(app);
  registerIntegrations(app, context);
  registerBulkDelete(app, context);
  registerPhoneNumbers(app, context);
  registerApiKeys(app, context);
  registerAuditLog(app, context);
  registerProviders(app, context);
  registerEventSources(app, context);
  registerDelivery(app, context);
  registerDeliveryFigures(app, context);
  registerOverview(app, context);
  registerChanges(app, context);
  const contract: unknown = parse(await readFile(contractFile, 'utf8'));
  resource(app, '/openapi.json', { GET: { authorize: [], handler: async () => contract } });
}
