/** Figures of an integration's delivery, and a test event to see whether it works at all. */
import type { FastifyInstance } from 'fastify';
import { singleQueryOf } from '../query.ts';
import { resource } from '../resource.ts';
import { callerOf } from './authenticate.ts';
import type { ButterContext } from './context.ts';
import { integrationIdOf } from './parameters.ts';
import { stepsQuery, toRange } from './steps.ts';
import { validate } from './validation.ts';
import { timestamp } from './wire.ts';

const query = stepsQuery.required({ from: true });

export function registerDeliveryFigures(
  app: FastifyInstance,
  { services, authenticate }: ButterContext,
): void {
  resource(app, '/integrations/:id/stats', {
    GET: {
      authorize: [authenticate('integrations:read')],
      handler: async (request) => {
        const id = integrationIdOf(request);
        const range = toRange(validate(query, singleQueryOf(request), 'query'));
        const steps = await services.deliveryStats.steps(callerOf(request), id, range);
        const data = steps.map(({ at, received, forwarded, rejected, retried, latencyMs }) => ({
          at: timestamp(at),
          received,
          forwarded,
          rejected,
          retried,
          latency_ms: latencyMs,
        }));
        return { success: true, data };
      },
    },
  });

  resource(app, '/integrations/:id/test', {
    POST: {
      authorize: [authenticate('integrations:update')],
      handler: async (request, reply) => {
        const gone = new AbortController();
        reply.raw.once('close', () => {
          if (!reply.raw.writableFinished) gone.abort();
        });
        const result = await services.testEvents.send(
          callerOf(request),
          integrationIdOf(request),
          gone.signal,
        );
        return {
          success: true,
          data: {
            sg_event_id: result.sgEventId,
            outcome: result.outcome,
            status: result.status ?? null,
            reason: result.reason ?? null,
            answer: result.answer,
            latency_ms: result.latencyMs,
          },
        };
      },
    },
  });
}
