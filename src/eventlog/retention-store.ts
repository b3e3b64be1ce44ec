/** The days of the event log: a place for those to come, an end to those past, and what cursors miss with them. */
import type { Kysely } from 'kysely';
import type { Schema } from '../storage/schema.ts';
import { statement } from '../storage/statement.ts';
import { type CursorPlace, countWaiting, type FilterSpan } from './cursor.ts';
import { toSpans } from './delivery-rows.ts';
import type { LogEnd, Totals } from './event-log.ts';

const createPartition = statement<never, [string]>('select create_event_partition($1::date)');

const partitions = statement<{ readonly name: string }, []>(`
  select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
  where i.inhparent = 'event'::regclass order by c.relname`);

/**
 * Cursors that stand before what stays, with the last position that goes; held, so that nobody settles meanwhile.
 * Where nothing stays, everything up to the end of the log goes.
 */
const behind = statement<BehindRow, [Date]>(`
  select c.id, c.integration_id, c.organization_id, c.kind, c.position, c.totals, c.only_positions,
    least(coalesce(first.position - 1, h.position), c.end_position) as horizon,
    (select json_agg(json_build_array(f.from_position, f.kinds, f.totals) order by f.from_position)
     from cursor_filter f where f.cursor_id = c.id) as spans
  from delivery_cursor c join event_head h using (organization_id)
  left join lateral (
    select e.position from event e
    where e.organization_id = c.organization_id and e.accepted_at >= $1 order by e.position limit 1
  ) first on true
  where c.position < least(coalesce(first.position - 1, h.position), c.end_position)
  order by c.id
  for update of c`);

const countBetween = statement<
  { readonly kind: number; readonly count: number },
  [string, number, number, readonly number[] | null]
>(`
  select kind, count(*) as count from event
  where organization_id = $1 and position > $2 and position <= $3
    and ($4::bigint[] is null or position = any ($4::bigint[]))
  group by kind`);

/** Whoever holds the cursor finds that it moved, and begins nothing soon after: until then a delete waits for it. */
const letGo = `lease_until = case when lease_owner is null then lease_until
      else least(lease_until, clock_timestamp() + interval '2 seconds') end`;

/** What a replay misses is told of its integration. */
const move = statement<never, [number, string, number, Totals, number]>(`
  with moved as (
    update delivery_cursor
    set position = $3, totals = $4::bigint[], generation = generation + 1, ${letGo}
    where id = $1
  )
  update delivery_cursor set missed = missed + $5 where integration_id = $2 and kind = 'live' and $5 > 0 and id <> $1`);

const moveLive = statement<never, [number, number, Totals, number]>(`
  update delivery_cursor
  set position = $2, totals = $3::bigint[], missed = missed + $4, generation = generation + 1, ${letGo}
  where id = $1`);

/** A replay of which nothing stays has come to its end. */
const finish = statement<never, [number]>(
  "delete from delivery_cursor where id = $1 and kind = 'replay' and position >= end_position",
);

const forgetAttempts = statement<never, [Date]>('delete from delivery_attempt where at < $1');
const forgetDead = statement<never, [Date]>('delete from dead_letter where at < $1');

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

  /** The days that ended before a time. */
  async oldPartitions(before: Date): Promise<readonly string[]> {
    const limit = `event_${before.toISOString().slice(0, 10).replaceAll('-', '')}`;
    const names = await partitions(this.#db, ...([] as const));
    return names.flatMap(({ name }) => (name < limit ? [name] : []));
  }

  /**
   * Inside the transaction that drops what is before a day: moves the cursors that stand there to what stays.
   * @returns what each of them has missed, where it has.
   */
  async passBy(day: Date): Promise<readonly MissedEvents[]> {
    const missed: MissedEvents[] = [];
    for (const row of await behind(this.#db, day)) {
      const events = await this.#moveOn(row);
      const { integration_id: integrationId, organization_id: organizationId } = row;
      if (events > 0) missed.push({ integrationId, organizationId, events });
    }
    return missed;
  }

  async drop(partition: string): Promise<void> {
    await this.#db.schema.dropTable(partition).execute();
  }

  /** Attempts and dead letters from before a time; the events of the latter are older still. */
  async forget(before: Date): Promise<void> {
    await forgetAttempts(this.#db, before);
    await forgetDead(this.#db, before);
  }

  /** @returns how many events it misses by that. */
  async #moveOn(row: BehindRow): Promise<number> {
    const spans = toSpans(row.spans);
    const place = { position: row.position, totals: row.totals };
    const end = await this.#endAt(row, spans, place);
    const events = countWaiting(place, spans, end);
    const { id, integration_id: integrationId } = row;
    if (row.kind === 'live') await moveLive(this.#db, id, end.position, end.totals, events);
    else {
      await move(this.#db, id, integrationId, end.position, end.totals, events);
      await finish(this.#db, id);
    }
    return events;
  }

  /** Totals are exact for the kinds of the filter in force: counted from the cursor, or from where that filter began. */
  async #endAt(row: BehindRow, spans: readonly FilterSpan[], place: CursorPlace): Promise<LogEnd> {
    const { organization_id, horizon, only_positions } = row;
    const inForce = spans.findLast(({ fromPosition }) => fromPosition < horizon);
    const from =
      inForce !== undefined && inForce.fromPosition > place.position
        ? { position: inForce.fromPosition, totals: inForce.totals }
        : place;
    const totals = [...from.totals];
    const counts = await countBetween(this.#db, organization_id, from.position, horizon, only_positions);
    for (const { kind, count } of counts) totals[kind] = (totals[kind] ?? 0) + count;
    return { position: horizon, totals };
  }
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
