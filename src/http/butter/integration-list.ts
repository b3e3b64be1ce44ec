/** GET /api/integrations: searched, filtered, sorted, with how each one's delivery stands (contract: butter, section 3). */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { integrationStatuses } from '../../core/integration.ts';
import {
  type DeliverySummary,
  deliveryStates,
  type IntegrationSort,
  integrationSorts,
  type SortKey,
} from '../../core/integration-list.ts';
import { storableText } from '../../core/text.ts';
import { singleQueryOf } from '../query.ts';
import { callerOf } from './authenticate.ts';
import type { ButterContext } from './context.ts';
import { decodeCursor, encodeCursor, lastMoment, pageQuery, pagination } from './paging.ts';
import { integrationIdForm } from './parameters.ts';
import { validate } from './validation.ts';
import { timestamp } from './wire.ts';

const list = z.string().transform((text) => text.split(','));

const listQuery = pageQuery.extend({
  search: storableText(1, 100).optional(),
  provider: list.optional(),
  category: z.string().optional(),
  status: z.enum(integrationStatuses).optional(),
  state: list.pipe(z.array(z.enum(deliveryStates))).optional(),
  sort: z.enum(integrationSorts).default('-created_at'),
  include: z.enum(['delivery']).optional(),
});

const time = z.int().min(0).max(lastMoment);
/** Lower case may be longer than what it is made from. */
const name = storableText(1, 1_000);
const waiting = z.int().min(0);

/** What the cursors of an order hold between its name and the id. */
const keys: Readonly<Record<IntegrationSort, readonly z.ZodType<string | number>[]>> = {
  created_at: [time],
  '-created_at': [time],
  name: [name],
  '-name': [name],
  waiting: [waiting],
  '-waiting': [waiting],
  health: [z.int().min(0).max(9), z.int()],
};

export async function listIntegrations(
  { services, catalog, integrationToWire }: ButterContext,
  request: FastifyRequest,
) {
  const caller = callerOf(request);
  const query = validate(listQuery, singleQueryOf(request), 'query');
  const { search, provider, category, status, state: states, sort, limit, include } = query;
  const providers = catalog
    .inCategory(category)
    .filter((each) => provider === undefined || provider.includes(each));
  const filter = { providers, status, search, states };
  const after = query.cursor === undefined ? undefined : keyOf(query.cursor, sort);
  const page = await services.integrations.page(caller, { filter, sort, limit, after });
  const ids = page.items.map(({ id }) => id);
  const summaries = include === undefined ? undefined : await services.overview.summaries(caller, ids);
  const next = page.next && encodeCursor([sort, ...page.next]);
  return {
    success: true,
    data: page.items.map((item) => {
      const integration = integrationToWire(item);
      if (summaries === undefined) return integration;
      return { ...integration, delivery: toDelivery(summaries.get(item.id)) };
    }),
    pagination: pagination(next, limit, page.total),
  };
}

/** How a delivery stands, as lists show it. */
export function summaryToWire({ state, waiting: waiting_events, deadLetters, ...last }: DeliverySummary) {
  return {
    state,
    waiting_events,
    dead_letters: deadLetters,
    last_success_at: last.lastSuccessAt && timestamp(last.lastSuccessAt),
    last_error: last.lastError,
    last_error_at: last.lastErrorAt && timestamp(last.lastErrorAt),
    next_attempt_at: last.nextAttemptAt && timestamp(last.nextAttemptAt),
  };
}

function toDelivery(summary: DeliverySummary | undefined) {
  return summary === undefined ? null : summaryToWire(summary);
}

/** A cursor goes on in the order that it was made for, and in no other. @throws AppError invalid_cursor */
function keyOf(cursor: string, sort: IntegrationSort): SortKey {
  const form = z.tuple([z.literal(sort), ...keys[sort], integrationIdForm]);
  const [, ...key] = decodeCursor(cursor, form);
  return key;
}
