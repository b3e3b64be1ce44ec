/** How events reach an integration: state, attempts, dead letters, pause, resume, replay; and the way of one event. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { emailEvents, eventOfKind } from '../../core/email-event.ts';
import { AppError } from '../../core/errors.ts';
import type { DeadLetterRecord } from '../../eventlog/dead-letter-store.ts';
import type { AttemptRecord } from '../../eventlog/delivery-log-store.ts';
import type { ReplayWish } from '../../services/deliveries.ts';
import { hasSentBody, readJson } from '../body.ts';
import { singleQueryOf } from '../query.ts';
import { type Operation, resource } from '../resource.ts';
import { callerOf } from './authenticate.ts';
import { answerWrite, type ButterContext } from './context.ts';
import { decodeCursor, encodeCursor, pageQuery } from './paging.ts';
import { integrationIdForm, integrationIdOf, lastOf } from './parameters.ts';
import { time, validate } from './validation.ts';
import { timestamp } from './wire.ts';

const position = z.tuple([z.literal('id'), z.int().positive()]);
const deadLetterIds = z.array(z.int().positive()).min(1).max(1_000);
/** Without a choice all of them are meant: a choice that is not understood must not pass for none. */
const chosenInBody = z.strictObject({ dead_letter_ids: deadLetterIds.optional() });
const chosenInQuery = z.strictObject({
  ids: z
    .string()
    .transform((text) => text.split(',').map(Number))
    .pipe(deadLetterIds)
    .optional(),
});
const noQuery = z.strictObject({});
const replayForm = z.union([
  z.object({ from_integration: integrationIdForm }),
  z.object({
    from: time,
    to: time.optional(),
    email_events: z.array(z.enum(emailEvents)).min(1).optional(),
  }),
]);

export function registerDelivery(app: FastifyInstance, context: ButterContext): void {
  const { services, authenticate } = context;
  const reading = (handler: Operation['handler']): Operation => ({
    authorize: [authenticate('integrations:read')],
    handler,
  });

  resource(app, '/integrations/:id/delivery', {
    GET: reading(async (request) => {
      const state = await services.deliveries.state(callerOf(request), integrationIdOf(request));
      const { lastSuccessAt, lastErrorAt, nextAttemptAt, oldestWaitingAt } = state;
      return {
        success: true,
        data: {
          integration_id: integrationIdOf(request),
          state: state.state,
          waiting_events: state.waiting,
          oldest_waiting_at: oldestWaitingAt && timestamp(oldestWaitingAt),
          lag_seconds: oldestWaitingAt ? secondsSince(oldestWaitingAt) : 0,
          missed_events: state.missed,
          dead_letters: state.deadLetters,
          replays: state.replays,
          last_success_at: lastSuccessAt && timestamp(lastSuccessAt),
          last_error: state.lastError,
          last_error_at: lastErrorAt && timestamp(lastErrorAt),
          next_attempt_at: nextAttemptAt && timestamp(nextAttemptAt),
        },
      };
    }),
  });

  resource(app, '/integrations/:id/attempts', {
    GET: reading(async (request) => {
      const cut = cutOf(validate(pageQuery, singleQueryOf(request), 'query'));
      const page = await services.deliveries.attempts(callerOf(request), integrationIdOf(request), cut);
      return toList(page, cut.limit, attemptToWire);
    }),
  });

  resource(app, '/integrations/:id/dead-letters', {
    GET: reading(async (request) => {
      const cut = cutOf(validate(pageQuery, singleQueryOf(request), 'query'));
      const page = await services.deliveries.deadLetters(callerOf(request), integrationIdOf(request), cut);
      return toList(page, cut.limit, deadLetterToWire);
    }),
    DELETE: {
      authorize: [authenticate('integrations:update')],
      handler: async (request, reply) => {
        const id = integrationIdOf(request);
        const { ids } = validate(chosenInQuery, singleQueryOf(request), 'query');
        if (hasSentBody(request)) throw new AppError({ code: 'invalid_request', issues: [unwantedBody] });
        return await answerWrite(context, request, reply, async ({ deliveries }) => {
          const count = await deliveries.discardDead(callerOf(request), id, ids);
          return { body: { success: true, message: 'Dead letters discarded successfully', data: { count } } };
        });
      },
    },
  });

  resource(app, '/integrations/:id/dead-letters/retry', {
    POST: {
      authorize: [authenticate('integrations:update')],
      handler: async (request, reply) => {
        const id = integrationIdOf(request);
        validate(noQuery, singleQueryOf(request), 'query');
        const body = hasBody(request) ? readJson(request) : {};
        const ids = validate(chosenInBody, body).dead_letter_ids;
        return await answerWrite(context, request, reply, async ({ deliveries }) => {
          const count = await deliveries.retryDead(callerOf(request), id, ids);
          return { body: { success: true, message: 'Dead letters are sent again', data: { count } } };
        });
      },
    },
  });

  for (const action of ['pause', 'resume'] as const) {
    resource(app, `/integrations/:id/${action}`, {
      POST: {
        authorize: [authenticate('integrations:update')],
        handler: async (request, reply) => {
          const id = integrationIdOf(request);
          return await answerWrite(context, request, reply, async ({ deliveries }) => {
            await deliveries.setPaused(callerOf(request), id, action === 'pause');
            return { body: { success: true, message: `Integration ${action}d successfully` } };
          });
        },
      },
    });
  }

  resource(app, '/integrations/:id/replay', {
    POST: {
      authorize: [authenticate('integrations:update')],
      handler: async (request, reply) => {
        const id = integrationIdOf(request);
        const wish = toWish(validate(replayForm, readJson(request)));
        return await answerWrite(context, request, reply, async ({ deliveries }) => {
          const events = await deliveries.replay(callerOf(request), id, wish);
          return { status: 202, body: { success: true, message: 'Replay started', data: { events } } };
        });
      },
    },
  });

  resource(app, '/events/:id', {
    GET: reading(async (request) => {
      const sgEventId = lastOf(request);
      const trail = await services.eventTrail.follow(callerOf(request), sgEventId);
      if (trail === undefined) throw new AppError({ code: 'route_not_found' });
      return {
        success: true,
        data: {
          sg_event_id: sgEventId,
          event: trail.event ?? null,
          accepted_at: timestamp(trail.acceptedAt),
          received: trail.received,
          integrations: trail.integrations.map(({ integrationId, fate, reason }) => ({
            integration_id: integrationId,
            fate,
            reason: reason ?? null,
          })),
        },
      };
    }),
  });
}

const unwantedBody = {
  type: 'extra_forbidden',
  message: 'Dead letters are chosen in the query, with ids',
  location: 'body',
  path: [],
} as const;

/** The database's clock may be a little ahead. */
function secondsSince(at: Date): number {
  return Math.max(0, Math.round((Date.now() - at.getTime()) / 1_000));
}

export function cutOf({ limit, cursor }: z.output<typeof pageQuery>) {
  return { limit, before: cursor === undefined ? undefined : decodeCursor(cursor, position)[1] };
}

export function toList<T>(
  { items, next }: { readonly items: readonly T[]; readonly next: number | undefined },
  limit: number,
  toWire: (item: T) => unknown,
) {
  const cursor = next === undefined ? null : encodeCursor(['id', next]);
  return {
    success: true,
    data: items.map(toWire),
    // how many there are in all is not counted: a delivery log has millions of rows
    pagination: { next_cursor: cursor, has_more: cursor !== null, page_size: limit },
  };
}

function toWish(input: z.output<typeof replayForm>): ReplayWish {
  if ('from_integration' in input) return { kind: 'removed', integrationId: input.from_integration };
  return { kind: 'time', from: input.from, to: input.to, events: input.email_events };
}

function hasBody({ body }: { readonly body: unknown }): boolean {
  return Buffer.isBuffer(body) && body.length > 0;
}

function attemptToWire(attempt: AttemptRecord) {
  return {
    attempt_id: attempt.id,
    at: timestamp(attempt.at),
    first_position: attempt.firstPosition,
    last_position: attempt.lastPosition,
    events: attempt.events,
    outcome: attempt.outcome,
    status: attempt.status,
    error: attempt.error,
    latency_ms: attempt.latencyMs,
    answer: attempt.answer,
  };
}

function deadLetterToWire(letter: DeadLetterRecord) {
  return {
    dead_letter_id: letter.id,
    at: timestamp(letter.at),
    sg_event_id: letter.sgEventId,
    event: eventOfKind(letter.kind) ?? null,
    reason: letter.reason,
  };
}
