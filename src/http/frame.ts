/** What every surface does alike, whatever its words: failures in its own form, and its contract for all to read. */
import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import { parse } from 'yaml';
import { AppError } from '../core/errors.ts';
import { resource } from './resource.ts';
import { answerFailure } from './server.ts';
import type { Surface } from './surface.ts';

const contracts = new URL('../../contracts/', import.meta.url);

export function answerFailures(app: FastifyInstance, surface: Pick<Surface, 'renderFailure'>): void {
  app.setErrorHandler((error, request, reply) => answerFailure(error, { request, reply, surface }));
  app.setNotFoundHandler(async () => {
    throw new AppError({ code: 'route_not_found' });
  });
}

/** At /openapi.json below the surface, without a key. `file` is in contracts/. */
export async function serveContract(app: FastifyInstance, file: string): Promise<void> {
  const contract: unknown = parse(await readFile(new URL(file, contracts), 'utf8'));
  resource(app, '/openapi.json', { GET: { authorize: [], handler: async () => contract } });
}
