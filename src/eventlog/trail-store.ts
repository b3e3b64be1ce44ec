/** What is needed to follow a few events of an organization. For people, never for deciding. */
import type { Kysely } from 'kysely';
import type { Schema } from '../storage/schema.ts';
import { statement } from '../storage/statement.ts';
import type { FilterSpan } from './cursor.ts';
import { toSpans } from './delivery-rows.ts';

/** A live cursor with every filter it ever had. */
export interface CursorHistory {
  readonly integrationId: string;
  readonly position: number;
  readonly spans: readonly FilterSpan[];
}

/** A replay, under way or over, of a removed integration too. */
export interface ReplayTrace {
  readonly integrationId: string;
  readonly after: number;
  /** As far as it has come. */
  readonly reached: number;
  readonly upTo: number;
  readonly spans: readonly FilterSpan[];
  /** Of the events looked for these alone; null: all that the filter wants. */
  readonly only: readonly number[] | null;
  readonly startedAt: Date;
}

export interface LetterTrace {
  readonly id: number;
  readonly integrationId: string;
  readonly position: number;
  readonly reason: string;
  readonly at: Date;
  readonly discarded: boolean;
  /** Integrations that it will be sent to when its turn has come. */
  readonly awaitedBy: readonly string[];
}

const histories = statement<HistoryRow, [string]>(`
  select c.integration_id, c.position,
    (select json_agg(json_build_array(f.from_position, f.kinds, f.totals) order by f.from_position)
     from cursor_filter f where f.cursor_id = c.id) as spans
  from delivery_cursor c where c.organization_id = $1 and c.kind = 'live'
  order by c.integration_id`);

const chosen = (column: string) => `case when ${column} is not null then
      array(select p from unnest(${column}) as p where p = any ($2::bigint[])) end as only`;
const around = (from: string, to: string) => `
  ${to} >= (select min(p) from unnest($2::bigint[]) as p) and ${from} < (select max(p) from unnest($2::bigint[]) as p)`;

/** One that began before it was written down where counts from where it stands. */
const replays = statement<ReplayRow, [string, readonly number[]]>(`
  select c.integration_id, coalesce(c.start_position, c.position) as after, c.position as reached,
    c.end_position as up_to, c.started_at, ${chosen('c.only_positions')},
    (select json_agg(json_build_array(f.from_position, f.kinds, f.totals) order by f.from_position)
     from cursor_filter f where f.cursor_id = c.id)::jsonb as spans
  from delivery_cursor c
  where c.organization_id = $1 and c.kind = 'replay' and ${around('coalesce(c.start_position, c.position)', 'c.end_position')}
  union all
  select r.integration_id, r.from_position, r.to_position, r.to_position, r.started_at, ${chosen('r.only_positions')},
    r.filters
  from past_replay r
  where r.organization_id = $1 and ${around('r.from_position', 'r.to_position')}`);

const letters = statement<LetterRow, [string, string]>(`
  select d.id, d.integration_id, d.position, d.reason, d.at, d.discarded_at is not null as discarded,
    array(
      select r.integration_id from dead_letter_retry r
      where r.source_id = d.integration_id and r.organization_id = $1 and d.discarded_at is null
        and d.id > r.after_id and d.id <= r.up_to_id
    ) as awaited_by
  from dead_letter d where d.organization_id = $1 and d.sg_event_id = $2
  order by d.id desc`);

export class TrailStore {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  async histories(organizationId: string): Promise<readonly CursorHistory[]> {
    const rows = await histories(this.#db, organizationId);
    return rows.map((row) => ({
      integrationId: row.integration_id,
      position: row.position,
      spans: toSpans(row.spans),
    }));
  }

  /** Those that may have to do with the events at some positions. */
  async replays(organizationId: string, positions: readonly number[]): Promise<readonly ReplayTrace[]> {
    const rows = await replays(this.#db, organizationId, positions);
    return rows.map((row) => ({
      integrationId: row.integration_id,
      after: row.after,
      reached: row.reached,
      upTo: row.up_to,
      spans: toSpans(row.spans),
      only: row.only,
      startedAt: row.started_at,
    }));
  }

  /** Newest first, those that were given up included. */
  async letters(organizationId: string, sgEventId: string): Promise<readonly LetterTrace[]> {
    const rows = await letters(this.#db, organizationId, sgEventId);
    return rows.map((row) => ({
      id: row.id,
      integrationId: row.integration_id,
      position: row.position,
      reason: row.reason,
      at: row.at,
      discarded: row.discarded,
      awaitedBy: row.awaited_by,
    }));
  }
}

interface HistoryRow {
  readonly integration_id: string;
  readonly position: number;
  readonly spans: unknown;
}

interface ReplayRow {
  readonly integration_id: string;
  readonly after: number;
  readonly reached: number;
  readonly up_to: number;
  readonly started_at: Date;
  readonly only: readonly number[] | null;
  readonly spans: unknown;
}

interface LetterRow {
  readonly id: number;
  readonly integration_id: string;
  readonly position: number;
  readonly reason: string;
  readonly at: Date;
  readonly discarded: boolean;
  readonly awaited_by: readonly string[];
}
