/** The days of the event log: a place for those to come, an end to those past, and what cursors miss with them. */
import type { Kysely } from 'kysely';
import type { Schema } from '../storage/schema.ts';
import { statement } from '../storage/statement.ts';
import { type CursorPlace, countWaiting, type FilterSpan } from './cursor.ts';
import { toSpans } from './delivery-rows.ts';
import type { Totals } from './event-log.ts';
import { deleteInSlices } from './slices.ts';
import { Tally } from './tally.ts';

const createPartition = statement<never, [string]>('select create_event_partition($1::date)');

const partitions = statement<{ readonly name: string }, []>(`
  select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
  where i.inhparent = 'event'::regclass order by c.relname`);

/** How long everybody who appends or reads may have to wait, where somebody reads for long. */
const lockTimeout = '1s';
/** Any fixed number: the advisory lock under which days are dropped. */
const dropLock = 7_242_003;
const tryDropLock = statement<{ readonly held: boolean }, [number, string]>(`
  select pg_try_advisory_xact_lock($1) as held, set_config('lock_timeout', $2, true)`);
const lockLog = statement<never, []>('lock table only event in access exclusive mode');

const cursorsAtOnce = 1_000;

/**
 * Cursors that stand before what stays, with the last position that goes. Where nothing stays, everything up to the end
 * of the log goes.
 */
const behind = statement<BehindRow, [Date]>(`
  with horizon as materialized (
    select h.organization_id, coalesce((
        select e.position - 1 from event e
        where e.organization_id = h.organization_id and e.accepted_at >= $1 order by e.position limit 1
      ), h.position) as position
    from event_head h
  )
  select c.id, c.integration_id, c.organization_id, c.kind, c.position, c.totals, c.only_positions,
    least(h.position, c.end_position) as horizon,
    (select json_agg(json_build_array(f.from_position, f.kinds, f.totals) order by f.from_position)
     from cursor_filter f where f.cursor_id = c.id) as spans
  from horizon h join delivery_cursor c using (organization_id)
  where c.position < least(h.position, c.end_position)
  order by c.organization_id, c.id
  limit ${cursorsAtOnce}`);

/** Whoever holds the cursor finds that it moved, and begins nothing soon after: until then a delete waits for it. */
const letGo = `lease_until = case when lease_owner is null then lease_until
      else least(lease_until, clock_timestamp() + interval '2 seconds') end`;

/** Unless it has moved since it was read. */
const moveOn = `
    update delivery_cursor
    set position = $3, totals = $4::bigint[], generation = generation + 1, ${letGo}`;

/** What a replay misses is told of its integration. */
const moveReplay = statement<{ readonly id: number }, [number, number, number, Totals, number, string]>(`
  with moved as (${moveOn}
    where id = $1 and position = $2
    returning id
  ), told as (
    update delivery_cursor set missed = missed + $5
    where integration_id = $6 and kind = 'live' and $5 > 0 and exists (select from moved)
  )
  select id from moved`);

const moveLive = statement<{ readonly id: number }, [number, number, number, Totals, number]>(`${moveOn},
      missed = missed + $5
  where id = $1 and position = $2
  returning id`);

/** A replay of which nothing stays has come to its end. */
const finish = statement<never, [number]>(
  "delete from delivery_cursor where id = $1 and kind = 'replay' and position >= end_position",
);

/** Filters that were in force for nothing but what is gone, and behind the cursor. */
const pruneFilters = statement<never, []>(`
  with span as (
    select cursor_id, from_position,
      lead(from_position) over (partition by cursor_id order by from_position) as next_position
    from cursor_filter
  ), past as (
    select s.cursor_id, s.from_position from span s join delivery_cursor c on c.id = s.cursor_id
    where s.next_position < c.position and not exists (
      select from event e where e.organization_id = c.organization_id and e.position <= s.next_position
    )
  )
  delete from cursor_filter f using past p where f.cursor_id = p.cursor_id and f.from_position = p.from_position`);

/** One day of the log, with its end. */
export interface LogDay {
  readonly name: string;
  readonly end: Date;
}

export interface MissedEvents {
  readonly integrationId: string;
  readonly organizationId: string;
  readonly events: number;
}

export class RetentionStore {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** Makes sure that events of a day have somewhere to go. */
  async createPartition(day: Date): Promise<void> {
    await createPartition(this.#db, day.toISOString().slice(0, 10));
  }

  /** The days that ended before a time, oldest first. */
  async oldDays(before: Date): Promise<readonly LogDay[]> {
    const names = await partitions(this.#db, ...([] as const));
    return names.map(toDay).filter(({ end }) => end <= before);
  }

  /**
   * Moves the cursors that stand before a time to what stays. Nothing is held while it counts what they miss by that.
   * @returns what each of them has missed, where it has.
   */
  async passBy(time: Date): Promise<readonly MissedEvents[]> {
    const missed: MissedEvents[] = [];
    for (let rows = await behind(this.#db, time); rows.length > 0; rows = await behind(this.#db, time)) {
      const tally = new Tally(this.#db);
      for (const cursor of rows.map(toPassed).toSorted(byStart)) {
        const events = await this.#moveOn(cursor, tally);
        const { integration_id: integrationId, organization_id: organizationId } = cursor.row;
        if (events > 0) missed.push({ integrationId, organizationId, events });
      }
    }
    return missed;
  }

  /**
   * Inside the transaction that drops a day: from here on nobody reads the log, or begins to follow it in that day.
   * @returns false where another process is dropping. @throws where somebody reads for longer than others should wait
   */
  async hold(): Promise<boolean> {
    const [row] = await tryDropLock(this.#db, dropLock, lockTimeout);
    if (row?.held !== true) return false;
    await lockLog(this.#db, ...([] as const));
    return true;
  }

  async drop({ name }: LogDay): Promise<void> {
    await this.#db.schema.dropTable(name).ifExists().execute();
  }

  /** After days were dropped: what a cursor wanted of them and of nothing else. */
  async pruneFilters(): Promise<void> {
    await pruneFilters(this.#db, ...([] as const));
  }

  /** Attempts and dead letters from before a time; the events of the latter are older still. */
  async forget(before: Date): Promise<void> {
    await deleteInSlices(this.#db, 'delivery_attempt', before);
    await deleteInSlices(this.#db, 'dead_letter', before);
  }

  /** @returns how many events it misses by that. */
  async #moveOn({ row, spans, from }: PassedCursor, tally: Tally): Promise<number> {
    const {
      id,
      integration_id: integrationId,
      organization_id: organizationId,
      horizon,
      only_positions,
    } = row;
    const end = {
      position: horizon,
      totals: await tally.totalsAt(horizon, from, organizationId, only_positions),
    };
    const events = countWaiting(row, spans, end);
    const move = [id, row.position, end.position, end.totals, events] as const;
    if (row.kind === 'live') return (await moveLive(this.#db, ...move)).length > 0 ? events : 0;
    const moved = await moveReplay(this.#db, ...move, integrationId);
    await finish(this.#db, id);
    return moved.length > 0 ? events : 0;
  }
}

/** Totals are exact for the kinds of the filter in force: counted from the cursor, or from where that filter began. */
function toPassed(row: BehindRow): PassedCursor {
  const spans = toSpans(row.spans);
  const inForce = spans.findLast(({ fromPosition }) => fromPosition <= row.horizon);
  const from =
    inForce !== undefined && inForce.fromPosition > row.position
      ? { position: inForce.fromPosition, totals: inForce.totals }
      : { position: row.position, totals: row.totals };
  return { row, spans, from };
}

/** One organization and horizon after the other, in each of them those first that miss least. */
function byStart(a: PassedCursor, b: PassedCursor): number {
  if (a.row.organization_id !== b.row.organization_id)
    return a.row.organization_id < b.row.organization_id ? -1 : 1;
  return a.row.horizon - b.row.horizon || b.from.position - a.from.position;
}

function toDay({ name }: { readonly name: string }): LogDay {
  const [, year, month, day] = /^event_(\d{4})(\d\d)(\d\d)$/.exec(name) ?? [];
  return { name, end: new Date(Date.UTC(Number(year), Number(month) - 1, Number(day) + 1)) };
}

interface PassedCursor {
  readonly row: BehindRow;
  readonly spans: readonly FilterSpan[];
  /** From here on it is counted what the cursor misses. */
  readonly from: CursorPlace;
}

interface BehindRow {
  readonly id: number;
  readonly integration_id: string;
  readonly organization_id: string;
  readonly kind: 'live' | 'replay';
  readonly position: number;
  readonly totals: Totals;
  readonly only_positions: readonly number[] | null;
  readonly horizon: number;
  readonly spans: unknown;
}
