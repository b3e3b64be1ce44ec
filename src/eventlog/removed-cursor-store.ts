/** What removed integrations leave behind: enough to send what they had not got to another one. */
import type { Kysely } from 'kysely';
import type { Schema } from '../storage/schema.ts';
import { statement } from '../storage/statement.ts';
import {
  type RemainingReplay,
  type RemovedCursor,
  toRemaining,
  toRetries,
  toSpans,
} from './delivery-rows.ts';
import type { Totals } from './event-log.ts';

const bury = statement<
  never,
  [string, string, number, number, Totals, Totals, string, readonly number[], string, number, string]
>(`
  insert into removed_cursor (integration_id, organization_id, position, end_position, totals, end_totals, filters,
    dead_positions, replays, undelivered, retries)
  values ($1, $2, $3, $4, $5::bigint[], $6::bigint[], $7::jsonb, $8::bigint[], $9::jsonb, $10, $11::jsonb)
  on conflict (integration_id) do nothing`);

const columns =
  'integration_id, position, end_position, totals, end_totals, filters, dead_positions, replays, undelivered, retries';

const find = statement<RemovedRow, [string, string]>(`
  select ${columns} from removed_cursor where organization_id = $1 and integration_id = $2`);

const latest = statement<RemovedRow, [string]>(`
  select ${columns} from removed_cursor where organization_id = $1 order by removed_at desc limit 1000`);

/** Their dead letters are older than they are, and gone by now. */
const forget = statement<never, [Date]>(`
  with forgotten as (delete from removed_cursor where removed_at < $1 returning integration_id)
  delete from dead_letter_tally t using forgotten f where t.integration_id = f.integration_id`);

const forgetReplays = statement<never, [Date]>('delete from past_replay where ended_at < $1');

export class RemovedCursorStore {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** Inside the transaction that removes the integration. */
  async bury(organizationId: string, removed: RemovedCursor): Promise<void> {
    const { integrationId, place, end, spans, deadPositions, retries, replays, undelivered } = removed;
    await bury(
      this.#db,
      integrationId,
      organizationId,
      place.position,
      end.position,
      place.totals,
      end.totals,
      JSON.stringify(spans.map((span) => [span.fromPosition, span.kinds, span.totals])),
      deadPositions,
      JSON.stringify(replays.map(fromRemaining)),
      undelivered,
      JSON.stringify(retries.map(({ sourceId, after, upTo, rest }) => [sourceId, after, upTo, rest])),
    );
  }

  async find(organizationId: string, integrationId: string): Promise<RemovedCursor | undefined> {
    return (await find(this.#db, organizationId, integrationId)).map(toRemoved)[0];
  }

  /** The latest ones, for following an event. */
  async latest(organizationId: string): Promise<readonly RemovedCursor[]> {
    return (await latest(this.#db, organizationId)).map(toRemoved);
  }

  /** Together with the replays that were over before a time. */
  async forget(before: Date): Promise<void> {
    await forget(this.#db, before);
    await forgetReplays(this.#db, before);
  }
}

interface RemovedRow {
  readonly integration_id: string;
  readonly position: number;
  readonly end_position: number;
  readonly totals: Totals;
  readonly end_totals: Totals;
  readonly filters: unknown;
  readonly dead_positions: readonly number[];
  readonly replays: unknown;
  readonly undelivered: number;
  readonly retries: unknown;
}

function toRemoved(row: RemovedRow): RemovedCursor {
  return {
    integrationId: row.integration_id,
    place: { position: row.position, totals: row.totals },
    end: { position: row.end_position, totals: row.end_totals },
    spans: toSpans(row.filters),
    deadPositions: row.dead_positions,
    retries: toRetries(row.retries),
    replays: toRemaining(row.replays),
    undelivered: row.undelivered,
  };
}

function fromRemaining({ place, end, spans }: RemainingReplay): unknown {
  const filters = spans.map((span) => [span.fromPosition, span.kinds, span.totals]);
  return [place.position, end.position, place.totals, end.totals, filters];
}
