/** The operator's surface, /operator: what no customer's key may do. */
import type { FastifyInstance } from 'fastify';
import type { OperatorKeyService } from '../../services/operator-key.ts';
import type { TenantService } from '../../services/tenants.ts';
import { acceptBodies } from '../body.ts';
import { answerFailures, serveContract } from '../frame.ts';
import { createRateLimiter } from '../rate-limit.ts';
import { requireServable } from '../server.ts';
import type { Surface } from '../surface.ts';
import { createAuthenticate } from './authenticate.ts';
import { renderFailure } from './errors.ts';
import { registerOrganizations } from './organizations.ts';

export interface OperatorServices {
  readonly keys: OperatorKeyService;
  readonly tenants: TenantService;
  readonly rateLimitPerSecond: number;
}

export function operatorSurface(services: OperatorServices): Surface {
  const surface = { prefix: '/operator', renderFailure };
  return { ...surface, plugin: async (app) => await register(app, services, surface) };
}

async function register(
  app: FastifyInstance,
  { keys, tenants, rateLimitPerSecond }: OperatorServices,
  surface: Pick<Surface, 'renderFailure'>,
): Promise<void> {
  const limit = createRateLimiter(app, rateLimitPerSecond);
  answerFailures(app, surface);
  app.addHook('onRequest', async (request, reply) => {
    // what is answered here holds keys and names of customers
    reply.header('cache-control', 'no-store');
    await limit(request, reply, `operator:${request.ip}`);
    requireServable(request);
  });
  acceptBodies(app);
  registerOrganizations(app, tenants, createAuthenticate(keys, limit));
  serveContract(app, 'operator');
}
