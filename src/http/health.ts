/** Health, readiness and metrics: for orchestrators and monitoring, on the same port, without a key. */
import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../telemetry/metrics.ts';

/** A database that takes longer to say a word is not one to send customers to. */
const pingTimeoutMs = 2_000;

export interface HealthOptions {
  readonly ping: () => Promise<void>;
  readonly isStopping: () => boolean;
  readonly metrics: Metrics;
}

export function registerHealth(app: FastifyInstance, { ping, isStopping, metrics }: HealthOptions): void {
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (request, reply) => {
    if (isStopping()) return await reply.code(503).send({ status: 'unavailable', reason: 'stopping' });
    try {
      await withDeadline(ping());
      return { status: 'ready' };
    } catch (error) {
      request.log.warn({ err: error }, 'the database does not answer');
      return await reply.code(503).send({ status: 'unavailable', reason: 'database' });
    }
  });
  app.get('/metrics', async (_request, reply) => {
    reply.type(metrics.contentType);
    return await metrics.expose();
  });
}

async function withDeadline(work: Promise<void>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${pingTimeoutMs} ms`)), pingTimeoutMs);
  await Promise.race([work, promise]).finally(() => clearTimeout(timer));
}
