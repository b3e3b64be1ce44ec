/** Figures of an integration's delivery, and a test event to see whether it works at all. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import { singleQueryOf } from '../query.ts';
import { resource } from '../resource.ts';
import { callerOf } from './authenticate.ts';
import type { ButterContext } from './context.ts';
import { integrationIdOf } from './parameters.ts';
import { time, validate } from './validation.ts';
import { timestamp } from './wire.ts';

/** A chart has no use for more points. */
const mostSteps = 1_500;

const query = z.object({
  from: time,
  to: time.optional(),
  /** In seconds. */
  step: z
    .string()
    .regex(/^\d{1,7}$/)
    .transform(Number)
    .pipe(z.number().min(1))
    .default(60),
});

export function registerDeliveryFigures(
  app: FastifyInstance,
  { services, authenticate }: ButterContext,
): void {
  resource(app, '/integrations/:id/stats', {
    GET: {
      authorize: [authenticate('integrations:read')],
      handler: async (request) => {
        const id = integrationIdOf(request);
        const { from, to = new Date(), step } = validate(query, singleQueryOf(request), 'query');
        if ((to.getTime() - from.getTime()) / (step * 1_000) > mostSteps) throw tooMany();
        const steps = await services.deliveryStats.steps(callerOf(request), id, {
          from,
          to,
          stepSeconds: step,
        });
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

function tooMany(): AppError {
  const message = `A range of more than ${mostSteps} steps is too long`;
  return new AppError({ code: 'invalid_request', issues: [{ location: 'query', path: ['step'], message }] });
}
