/** /api/overview: how the delivery of the whole organization stands (contract: butter, section 7). */
import type { FastifyInstance } from 'fastify';
import type { UnhealthyIntegration } from '../../eventlog/overview-store.ts';
import type { Overview } from '../../services/overview.ts';
import { singleQueryOf } from '../query.ts';
import { resource } from '../resource.ts';
import { callerOf } from './authenticate.ts';
import type { ButterContext } from './context.ts';
import { summaryToWire } from './integration-list.ts';
import { stepsQuery, toRange } from './steps.ts';
import { validate } from './validation.ts';
import { timestamp } from './wire.ts';

export function registerOverview(app: FastifyInstance, { services, authenticate }: ButterContext): void {
  resource(app, '/overview', {
    GET: {
      authorize: [authenticate('integrations:read')],
      handler: async (request) => {
        const range = toRange(validate(stepsQuery, singleQueryOf(request), 'query'));
        return { success: true, data: toWire(await services.overview.describe(callerOf(request), range)) };
      },
    },
  });
}

function toWire({ totals, oldestWaitingMs, steps, unhealthy }: Overview) {
  return {
    totals: {
      integrations: totals.integrations,
      running: totals.running,
      backing_off: totals.backingOff,
      paused: totals.paused,
      waiting_events: totals.waiting,
      dead_letters: totals.deadLetters,
      oldest_waiting_seconds: oldestWaitingMs === undefined ? null : Math.floor(oldestWaitingMs / 1_000),
    },
    steps: steps.map(({ at, received, forwarded, rejected, retried, waiting, dead }) => ({
      at: timestamp(at),
      received,
      forwarded,
      rejected,
      retried,
      waiting,
      dead,
    })),
    unhealthy: unhealthy.map(unhealthyToWire),
  };
}

function unhealthyToWire({ id, name, provider, ...summary }: UnhealthyIntegration) {
  return { integration_id: id, name, provider, ...summaryToWire(summary) };
}
