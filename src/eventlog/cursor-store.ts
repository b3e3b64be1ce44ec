/**
 * Cursors in the database: claimed under a lease, moved under a generation. Whoever lost a claim finds that what it
 * says touches no row, and stops.
 */
import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { Schema } from '../storage/schema.ts';
import { statement } from '../storage/statement.ts';
import type { CursorPlace, FilterSpan } from './cursor.ts';
import { toSpans } from './delivery-rows.ts';
import type { LogEnd, Totals } from './event-log.ts';

/** A cursor in a worker's hand. */
export interface HeldCursor extends CursorPlace {
  readonly id: number;
  readonly generation: number;
  readonly integrationId: string;
  readonly organizationId: string;
  readonly provider: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly attempt: number;
  readonly isReplay: boolean;
  /** Of a replay: these events alone. */
  readonly only: readonly number[] | null;
  /** Where it ends for now: the end of the log, or its own. */
  readonly end: LogEnd;
  readonly spans: readonly FilterSpan[];
  readonly dataKey: string;
  readonly sealed: string;
}

export type CursorHold = Pick<HeldCursor, 'id' | 'generation'> & { readonly owner: string };

export interface Attempt {
  readonly firstPosition: number;
  readonly lastPosition: number;
  readonly events: number;
  /** `split`: refused for its content, and sent again in halves. */
  readonly outcome: 'delivered' | 'retry' | 'rejected' | 'split';
  readonly status: number | undefined;
  readonly latencyMs: number;
  readonly answer: string;
}

export interface DeadEvent {
  readonly position: number;
  readonly kind: number;
  readonly sgEventId: string;
  readonly reason: string;
}

/** Of the cursor under the alias c; spans that lie behind it are left out. */
const held = `c.id, c.generation, c.integration_id, c.organization_id, c.position, c.totals, c.attempt,
    c.end_position, c.end_totals, c.only_positions, h.position as head_position, h.totals as head_totals,
    i.provider, i.settings, o.data_key, s.sealed,
    (select json_agg(json_build_array(f.from_position, f.kinds, f.totals) order by f.from_position)
     from cursor_filter f
     where f.cursor_id = c.id and f.from_position >= (
       select max(b.from_position) from cursor_filter b where b.cursor_id = c.id and b.from_position <= c.position
     )) as spans`;
const around = `event_head h, integration i, organization o, credential s
  where h.organization_id = c.organization_id and i.id = c.integration_id and o.id = c.organization_id
    and s.integration_id = c.integration_id`;

/**
 * Takes cursors that have work and nobody's lease. `skip locked` passes by what another worker is claiming, settling
 * or a delete is removing.
 */
const claim = statement<HeldRow, [string, number, number]>(`
  with due as (
    select c.id from delivery_cursor c join event_head h using (organization_id)
    where c.position < coalesce(c.end_position, h.position) and not c.paused
      and (c.next_attempt_at is null or c.next_attempt_at <= clock_timestamp())
      and (c.lease_until is null or c.lease_until < clock_timestamp())
    order by c.next_attempt_at nulls first, c.id
    limit $3
    for update of c skip locked
  )
  update delivery_cursor c
  set lease_owner = $1, lease_until = clock_timestamp() + $2 * interval '1 millisecond', generation = generation + 1
  from due, ${around} and c.id = due.id
  returning ${held}`);

/** Makes sure that the cursor is still held, for so long, and reads anew what may have changed around it. */
const confirm = statement<HeldRow, [number, number, string, number]>(`
  update delivery_cursor c
  set lease_until = clock_timestamp() + $4 * interval '1 millisecond'
  from ${around} and c.id = $1 and c.generation = $2 and c.lease_owner = $3 and not c.paused
  returning ${held}`);

type HoldParameters = [number, number, string];

/** Moves the cursor, notes the attempt and the dead letters: all under the hold, or nothing. */
const settle = statement<
  { readonly id: number },
  [
    ...HoldParameters,
    number,
    Totals,
    boolean,
    readonly number[],
    readonly number[],
    readonly string[],
    readonly string[],
  ]
>(`
  with moved as (
    update delivery_cursor
    set position = $4, totals = $5::bigint[], attempt = 0, next_attempt_at = null,
      last_success_at = case when $6 then clock_timestamp() else last_success_at end
    where id = $1 and generation = $2 and lease_owner = $3
    returning id, integration_id, organization_id
  ), dead as (
    insert into dead_letter (integration_id, organization_id, position, kind, sg_event_id, reason)
    select integration_id, organization_id, d.position, d.kind, d.sg_event_id, d.reason
    from moved, unnest($7::bigint[], $8::smallint[], $9::text[], $10::text[]) as d (position, kind, sg_event_id, reason)
  )
  select id from moved`);

const backOff = statement<{ readonly id: number }, [...HoldParameters, number, string]>(`
  update delivery_cursor
  set attempt = attempt + 1, next_attempt_at = clock_timestamp() + $4 * interval '1 millisecond',
    lease_owner = null, lease_until = null, last_error = $5, last_error_at = clock_timestamp()
  where id = $1 and generation = $2 and lease_owner = $3
  returning id`);

const note = statement<
  never,
  [string, string, number, number, number, string, number | null, number, string]
>(`
  insert into delivery_attempt (integration_id, organization_id, first_position, last_position, events, outcome, status,
    latency_ms, answer)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`);

const release = statement<never, HoldParameters>(`
  update delivery_cursor set lease_owner = null, lease_until = null
  where id = $1 and generation = $2 and lease_owner = $3`);

const releaseAll = statement<never, [string]>(
  'update delivery_cursor set lease_owner = null, lease_until = null where lease_owner = $1',
);

const finish = statement<never, HoldParameters>(`
  delete from delivery_cursor
  where id = $1 and generation = $2 and lease_owner = $3 and kind = 'replay' and position >= end_position`);

export class CursorStore {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  async claim(owner: string, leaseMs: number, most: number): Promise<readonly HeldCursor[]> {
    return (await claim(this.#db, owner, leaseMs, most)).map(toHeld);
  }

  /** @returns undefined where the cursor is no longer this worker's. */
  async confirm({ id, generation, owner }: CursorHold, leaseMs: number): Promise<HeldCursor | undefined> {
    return (await confirm(this.#db, id, generation, owner, leaseMs)).map(toHeld)[0];
  }

  /** @returns whether the cursor was still this worker's. */
  async settle(
    { id, generation, owner }: CursorHold,
    { position, totals }: CursorPlace,
    { delivered, dead }: { readonly delivered: boolean; readonly dead: readonly DeadEvent[] },
  ): Promise<boolean> {
    const rows = await settle(
      this.#db,
      id,
      generation,
      owner,
      position,
      totals,
      delivered,
      dead.map((event) => event.position),
      dead.map((event) => event.kind),
      dead.map((event) => event.sgEventId),
      dead.map((event) => event.reason),
    );
    return rows.length > 0;
  }

  /** Lets go of the cursor until a time, with the reason. @returns whether it was still this worker's. */
  async backOff({ id, generation, owner }: CursorHold, delayMs: number, reason: string): Promise<boolean> {
    return (await backOff(this.#db, id, generation, owner, delayMs, reason)).length > 0;
  }

  async note({ integrationId, organizationId }: HeldCursor, attempt: Attempt): Promise<void> {
    await note(
      this.#db,
      integrationId,
      organizationId,
      attempt.firstPosition,
      attempt.lastPosition,
      attempt.events,
      attempt.outcome,
      attempt.status ?? null,
      attempt.latencyMs,
      attempt.answer,
    );
  }

  /** Lets go of a cursor that has caught up; one that had an end and reached it is gone then. */
  async release({ id, generation, owner }: CursorHold): Promise<void> {
    await finish(this.#db, id, generation, owner);
    await release(this.#db, id, generation, owner);
  }

  /** Hands back everything at once, for another worker to go on. */
  async releaseAll(owner: string): Promise<void> {
    await releaseAll(this.#db, owner);
  }
}

interface HeldRow {
  readonly id: number;
  readonly generation: number;
  readonly integration_id: string;
  readonly organization_id: string;
  readonly position: number;
  readonly totals: Totals;
  readonly attempt: number;
  readonly end_position: number | null;
  readonly end_totals: Totals | null;
  readonly only_positions: readonly number[] | null;
  readonly head_position: number;
  readonly head_totals: Totals;
  readonly provider: string;
  readonly settings: unknown;
  readonly data_key: string;
  readonly sealed: string;
  readonly spans: unknown;
}

const settingsForm = z.record(z.string(), z.unknown());

function toHeld(row: HeldRow): HeldCursor {
  const { end_position, end_totals } = row;
  const isReplay = end_position !== null && end_totals !== null;
  return {
    id: row.id,
    generation: row.generation,
    integrationId: row.integration_id,
    organizationId: row.organization_id,
    provider: row.provider,
    settings: settingsForm.parse(row.settings),
    attempt: row.attempt,
    position: row.position,
    totals: row.totals,
    isReplay,
    only: row.only_positions,
    end: isReplay
      ? { position: end_position, totals: end_totals }
      : { position: row.head_position, totals: row.head_totals },
    spans: toSpans(row.spans),
    dataKey: row.data_key,
    sealed: row.sealed,
  };
}
