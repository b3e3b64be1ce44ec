/** What every surface does alike, whatever its words: failures in its own form, and its contract for all to read. */
import type { FastifyInstance } from 'fastify';
import { AppError } from '../core/errors.ts';
import { type ContractName, readContract } from './contract-file.ts';
import { resource } from './resource.ts';
import { answerFailure } from './server.ts';
import type { Surface } from './surface.ts';

export function answerFailures(app: FastifyInstance, surface: Pick<Surface, 'renderFailure'>): void {
  app.setErrorHandler((error, request, reply) => answerFailure(error, { request, reply, surface }));
  app.setNotFoundHandler(async () => {
    throw new AppError({ code: 'route_not_found' });
  });
}

/** At /openapi.json below the surface, without a key. */
export function serveContract(app: FastifyInstance, name: ContractName): void {
  resource(app, '/openapi.json', { GET: { authorize: [], handler: async () => await readContract(name) } });
}
