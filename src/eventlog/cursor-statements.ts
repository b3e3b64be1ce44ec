/** The statements about held cursors. */
import { statement } from '../storage/statement.ts';
import type { Totals } from './event-log.ts';

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

/** Of a cursor and the end of its log: something lies before it, nobody holds it, and it need not wait. */
const isDue = (
  cursor: string,
  head: string,
) => `${cursor}.position < coalesce(${cursor}.end_position, ${head}.position)
      and not ${cursor}.paused
      and (${cursor}.next_attempt_at is null or ${cursor}.next_attempt_at <= clock_timestamp())
      and (${cursor}.lease_until is null or ${cursor}.lease_until < clock_timestamp())`;

/**
 * Takes cursors that have work and nobody's lease, whoever has waited longest since its last turn first: where there are
 * more of them than hands, everybody gets a turn. `skip locked` passes by what another worker is claiming, settling or a
 * delete is removing.
 */
const claimWhere = (condition: string) => `
  with due as (
    select c.id from delivery_cursor c join event_head h using (organization_id)
    where ${isDue('c', 'h')}
      and ${condition}
    order by c.lease_until nulls first, c.id
    limit $3
    for update of c skip locked
  )
  update delivery_cursor c
  set lease_owner = $1, lease_until = clock_timestamp() + $2 * interval '1 millisecond', generation = generation + 1
  from due, ${around} and c.id = due.id
  returning ${held}`;
/** Of those whose destination failed last only so many, the least hopeless first. Two workers may choose the same ones: one of them gets fewer. */
export const claim = statement<HeldRow, [string, number, number, number]>(
  claimWhere(`(c.attempt = 0 or c.id in (
        select f.id from delivery_cursor f join event_head e using (organization_id)
        where f.attempt > 0 and ${isDue('f', 'e')}
        order by f.attempt, f.lease_until nulls first, f.id
        limit $4
      ))`),
);
/**
 * A text of its own: a condition that may be absent would keep the plan from using the index. Those whose destination
 * failed wait for the clock, not for new events.
 */
export const claimOf = statement<HeldRow, [string, number, number, readonly string[]]>(
  claimWhere('c.attempt = 0 and c.organization_id = any ($4::text[])'),
);

/** Makes sure that the cursor is still held, for so long, and reads anew what may have changed around it. */
export const confirm = statement<HeldRow, [number, number, string, number]>(`
  update delivery_cursor c
  set lease_until = clock_timestamp() + $4 * interval '1 millisecond'
  from ${around} and c.id = $1 and c.generation = $2 and c.lease_owner = $3 and not c.paused
  returning ${held}`);

type HoldParameters = [number, number, string];

const noted = (first: number) => `
  insert into delivery_attempt (integration_id, organization_id, first_position, last_position, events, outcome, status,
    latency_ms, answer, error)
  select $${first}, $${first + 1}, a.* from unnest($${first + 2}::bigint[], $${first + 3}::bigint[], $${first + 4}::integer[],
    $${first + 5}::text[], $${first + 6}::integer[], $${first + 7}::integer[], $${first + 8}::text[],
    $${first + 9}::text[]) as a`;
export type AttemptParameters = [
  string,
  string,
  readonly number[],
  readonly number[],
  readonly number[],
  readonly string[],
  readonly (number | null)[],
  readonly number[],
  readonly string[],
  readonly (string | null)[],
];

/**
 * Moves the cursor and notes the dead letters under the hold, or not at all, and confirms the hold. Where a replay comes
 * by an event that is a dead letter already, it stays one. The attempts were made whoever holds the cursor now.
 */
export const settle = statement<
  HeldRow,
  [
    ...HoldParameters,
    number,
    Totals,
    boolean,
    readonly number[],
    readonly number[],
    readonly string[],
    readonly string[],
    number,
    ...AttemptParameters,
  ]
>(`
  with moved as (
    update delivery_cursor c
    set position = $4, totals = $5::bigint[], next_attempt_at = null,
      -- what was refused, or passed by, says nothing about the destination's health
      attempt = case when $6 then 0 else attempt end,
      last_success_at = case when $6 then clock_timestamp() else last_success_at end,
      lease_until = clock_timestamp() + $11 * interval '1 millisecond'
    from ${around} and c.id = $1 and c.generation = $2 and c.lease_owner = $3
    returning ${held}, c.paused
  ), replaced as (
    delete from dead_letter l using moved
    where l.integration_id = moved.integration_id and l.position = any ($7::bigint[]) and l.discarded_at is null
  ), dead as (
    insert into dead_letter (integration_id, organization_id, position, kind, sg_event_id, reason)
    select integration_id, organization_id, d.position, d.kind, d.sg_event_id, d.reason
    from moved, unnest($7::bigint[], $8::smallint[], $9::text[], $10::text[]) as d (position, kind, sg_event_id, reason)
  ), noted as (${noted(12)})
  -- who was paused meanwhile has settled this, and begins nothing further
  select * from moved where not paused`);

export const backOff = statement<{ readonly id: number }, [...HoldParameters, number, string]>(`
  update delivery_cursor
  set attempt = attempt + 1, next_attempt_at = clock_timestamp() + $4 * interval '1 millisecond',
    lease_owner = null, lease_until = clock_timestamp(), last_error = $5, last_error_at = clock_timestamp()
  where id = $1 and generation = $2 and lease_owner = $3
  returning id`);

export const note = statement<never, AttemptParameters>(noted(1));

/** As far as the cursors of a table came that the same statement has deleted: their filters are there until it ends. */
export function rememberReplays(deleted: string): string {
  return `
  insert into past_replay (integration_id, organization_id, from_position, to_position, filters, only_positions,
    started_at)
  select c.integration_id, c.organization_id, c.start_position, c.position, (
      select jsonb_agg(jsonb_build_array(f.from_position, f.kinds, f.totals) order by f.from_position)
      from cursor_filter f where f.cursor_id = c.id
    ), c.only_positions, c.started_at
  from ${deleted} c where c.kind = 'replay' and c.position > c.start_position`;
}

/** One that had an end and reached it is gone then. */
export const release = statement<never, HoldParameters>(`
  with finished as (
    delete from delivery_cursor
    where id = $1 and generation = $2 and lease_owner = $3 and kind = 'replay' and position >= end_position
    returning *
  ), remembered as (${rememberReplays('finished')})
  update delivery_cursor set lease_owner = null, lease_until = clock_timestamp()
  where id = $1 and generation = $2 and lease_owner = $3 and (kind = 'live' or position < end_position)`);

export const releaseAll = statement<never, [string]>(
  'update delivery_cursor set lease_owner = null, lease_until = null where lease_owner = $1',
);

export interface HeldRow {
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
