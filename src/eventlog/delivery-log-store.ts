/** What became of events: attempts, and the way of one event. For people, never for deciding. */
import type { Kysely } from 'kysely';
import { rejectedKind } from '../core/email-event.ts';
import type { Schema } from '../storage/schema.ts';
import { statement } from '../storage/statement.ts';
import { stretches } from './cursor.ts';
import type { CursorState } from './delivery-rows.ts';
import { oldestSql } from './oldest-waiting.ts';

export interface AttemptRecord {
  readonly id: number;
  readonly at: Date;
  readonly firstPosition: number;
  readonly lastPosition: number;
  readonly events: number;
  readonly outcome: string;
  readonly status: number | null;
  /** Why there was no answer, where there was none. */
  readonly error: string | null;
  readonly latencyMs: number;
  readonly answer: string | null;
}

export interface LoggedOccurrence {
  readonly position: number;
  readonly kind: number;
  readonly acceptedAt: Date;
}

interface ById {
  readonly before: number | undefined;
  readonly limit: number;
}

const attempts = statement<AttemptRow, [string, string, number | null, number]>(`
  select id, at, first_position, last_position, events, outcome, status, error, latency_ms, answer
  from delivery_attempt
  where integration_id = $2 and organization_id = $1 and ($3::bigint is null or id < $3)
  order by id desc limit $4`);

const mostOccurrences = 20;

/** As it stands in the index. */
const tenMinutesOf = (time: string) =>
  `date_bin(interval '10 minutes', ${time}, timestamptz '2000-01-01 00:00:00Z')`;

/**
 * In the words of the index, which knows ids by their hash, ten minutes by ten minutes: asked of those in which the
 * organization received anything. The bounds of time spare the other days' indexes.
 */
const occurrences = statement<
  { readonly position: number; readonly kind: number; readonly accepted_at: Date },
  [string, string]
>(`
  with busy as materialized (
    select distinct ${tenMinutesOf('at')} as at from organization_minute
    where organization_id = $1 and received <> array_fill(0::bigint, array[${rejectedKind + 1}])
  )
  select found.* from busy cross join lateral (
    select position, kind, accepted_at from event
    where ${tenMinutesOf('accepted_at')} = busy.at
      and accepted_at >= busy.at and accepted_at < busy.at + interval '10 minutes'
      and hashtextextended(sg_event_id, hashtextextended(organization_id, 0)) =
        hashtextextended($2::text, hashtextextended($1::text, 0))
      and sg_event_id <> '' and sg_event_id = $2 and organization_id = $1
    order by position limit ${mostOccurrences}
  ) found
  order by position limit ${mostOccurrences}`);

const oldestOf = statement<{ readonly at: Date | null }, [string, number, number, readonly number[]]>(`
  with first as (
    select $1::text as organization_id, $2::bigint as after, $3::bigint as up_to, $4::smallint[] as kinds
  )
  ${oldestSql}`);

export class DeliveryLogStore {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** Newest first. */
  async attempts(organizationId: string, integrationId: string, { before, limit }: ById) {
    const rows = await attempts(this.#db, organizationId, integrationId, before ?? null, limit);
    return rows.map(toAttempt);
  }

  /** Where in the log an event stands; more than once where SendGrid repeated it. */
  async occurrences(organizationId: string, sgEventId: string): Promise<readonly LoggedOccurrence[]> {
    const rows = await occurrences(this.#db, organizationId, sgEventId);
    return rows.map((row) => ({ position: row.position, kind: row.kind, acceptedAt: row.accepted_at }));
  }

  /** When the event came in that waits longest for a cursor, or a bound of that; null where none does. */
  async oldestWaiting(
    organizationId: string,
    { position, totals, spans, end }: CursorState,
  ): Promise<Date | null> {
    let after = position;
    for (const { upTo, kinds, waiting } of stretches({ position, totals }, spans, end)) {
      if (waiting > 0) {
        const [row] = await oldestOf(this.#db, organizationId, after, upTo, kinds);
        return row?.at ?? null;
      }
      after = upTo;
    }
    return null;
  }
}

interface AttemptRow {
  readonly id: number;
  readonly at: Date;
  readonly first_position: number;
  readonly last_position: number;
  readonly events: number;
  readonly outcome: string;
  readonly status: number | null;
  readonly error: string | null;
  readonly latency_ms: number;
  readonly answer: string | null;
}

function toAttempt(row: AttemptRow): AttemptRecord {
  return {
    id: row.id,
    at: row.at,
    firstPosition: row.first_position,
    lastPosition: row.last_position,
    events: row.events,
    outcome: row.outcome,
    status: row.status,
    error: row.error,
    latencyMs: row.latency_ms,
    answer: row.answer,
  };
}
