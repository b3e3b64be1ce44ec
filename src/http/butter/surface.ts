/** The Butter surface, /api: everything between the socket and the services that is particular to this API. */
import type { FastifyInstance } from 'fastify';
import type { RoleAuthenticationService } from '../../services/role-authentication.ts';
import type { SessionService } from '../../services/sessions.ts';
import { acceptBodies } from '../body.ts';
import { answerFailures, serveContract } from '../frame.ts';
import { createRateLimiter } from '../rate-limit.ts';
import { requireServable } from '../server.ts';
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
import { registerRejectedElements } from './rejected-elements.ts';
import { registerBulkDelete } from './removal.ts';
import { registerSendGridKeys } from './sendgrid-keys.ts';
import { integrationWriter } from './wire.ts';

export interface ButterServices
  extends Omit<ButterContext, 'authenticate' | 'authenticateWithToken' | 'integrationToWire'> {
  readonly authentication: RoleAuthenticationService;
  readonly sessions: SessionService;
  readonly cookies: SessionCookies;
  readonly rateLimitPerSecond: number;
  readonly turnstile: Turnstile;
}

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
  answerFailures(app, surface);
  app.addHook('onRequest', async (request, reply) => {
    await limit(request, reply, bucketOf(request, cookies));
    requireServable(request);
  });
  acceptBodies(app);
  registerIntegrations(app, context);
  registerBulkDelete(app, context);
  registerPhoneNumbers(app, context);
  registerApiKeys(app, context);
  registerSendGridKeys(app, context);
  registerAuditLog(app, context);
  registerProviders(app, context);
  registerEventSources(app, context);
  registerDelivery(app, context);
  registerDeliveryFigures(app, context);
  registerRejectedElements(app, context);
  registerOverview(app, context);
  registerChanges(app, context);
  serveContract(app, 'butter');
}
