/** What became of events: attempts, dead letters, and the way of one event. For people, never for deciding. */
import type { Kysely } from 'kysely';
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
  readonly latencyMs: number;
  readonly answer: string | null;
}

export interface DeadLetterRecord {
  readonly id: number;
  readonly at: Date;
  readonly position: number;
  readonly kind: number;
  readonly sgEventId: string;
  readonly reason: string;
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
  select id, at, first_position, last_position, events, outcome, status, latency_ms, answer
  from delivery_attempt
  where integration_id = $2 and organization_id = $1 and ($3::bigint is null or id < $3)
  order by id desc limit $4`);

const deadLetters = statement<DeadLetterRow, [string, string, number | null, number]>(`
  select id, at, position, kind, sg_event_id, reason
  from dead_letter
  where integration_id = $2 and organization_id = $1 and discarded_at is null and ($3::bigint is null or id < $3)
  order by id desc limit $4`);

const countDead = statement<{ readonly count: number }, [string, string]>(
  'select count(*) as count from dead_letter where organization_id = $1 and integration_id = $2 and discarded_at is null',
);

/** All of them where no ids are given. */
const takeDead = statement<{ readonly position: number }, [string, string, readonly number[] | null]>(`
  delete from dead_letter
  where organization_id = $1 and integration_id = $2 and discarded_at is null
    and ($3::bigint[] is null or id = any ($3::bigint[]))
  returning position`);

/** All of them where no ids are given. */
const discardDead = statement<{ readonly position: number }, [string, string, readonly number[] | null]>(`
  update dead_letter set discarded_at = clock_timestamp()
  where organization_id = $1 and integration_id = $2 and discarded_at is null
    and ($3::bigint[] is null or id = any ($3::bigint[]))
  returning position`);

const occurrences = statement<
  { readonly position: number; readonly kind: number; readonly accepted_at: Date },
  [string, string]
>(`
  select position, kind, accepted_at from event
  where sg_event_id = $2 and organization_id = $1
  order by position limit 20`);

const oldestOf = statement<{ readonly at: Date | null }, [string, number, number, readonly number[]]>(`
  with first as (
    select $1::text as organization_id, $2::bigint as after, $3::bigint as up_to, $4::smallint[] as kinds
  )
  ${oldestSql}`);

const deadAt = statement<{ readonly integration_id: string; readonly reason: string }, [string, string]>(
  'select integration_id, reason from dead_letter where organization_id = $1 and sg_event_id = $2',
);

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

  /** Newest first. */
  async deadLetters(organizationId: string, integrationId: string, { before, limit }: ById) {
    const rows = await deadLetters(this.#db, organizationId, integrationId, before ?? null, limit);
    return rows.map(toDeadLetter);
  }

  async countDead(organizationId: string, integrationId: string): Promise<number> {
    return (await countDead(this.#db, organizationId, integrationId))[0]?.count ?? 0;
  }

  /** Removes dead letters and @returns the positions of their events. */
  async takeDead(
    organizationId: string,
    integrationId: string,
    ids: readonly number[] | undefined,
  ): Promise<readonly number[]> {
    return (await takeDead(this.#db, organizationId, integrationId, ids ?? null)).map((row) => row.position);
  }

  /** Gives dead letters up: whoever follows their events still finds the reason. @returns how many. */
  async discardDead(
    organizationId: string,
    integrationId: string,
    ids: readonly number[] | undefined,
  ): Promise<number> {
    return (await discardDead(this.#db, organizationId, integrationId, ids ?? null)).length;
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

  /** Integration → reason. */
  async deadAt(organizationId: string, sgEventId: string): Promise<ReadonlyMap<string, string>> {
    const rows = await deadAt(this.#db, organizationId, sgEventId);
    return new Map(rows.map((row) => [row.integration_id, row.reason]));
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
  readonly latency_ms: number;
  readonly answer: string | null;
}

interface DeadLetterRow {
  readonly id: number;
  readonly at: Date;
  readonly position: number;
  readonly kind: number;
  readonly sg_event_id: string;
  readonly reason: string;
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
    latencyMs: row.latency_ms,
    answer: row.answer,
  };
}

function toDeadLetter(row: DeadLetterRow): DeadLetterRecord {
  return {
    id: row.id,
    at: row.at,
    position: row.position,
    kind: row.kind,
    sgEventId: row.sg_event_id,
    reason: row.reason,
  };
}
