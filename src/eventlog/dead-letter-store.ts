/** Events that integrations were not able to take. */
import type { Kysely } from 'kysely';
import type { Schema } from '../storage/schema.ts';
import { statement } from '../storage/statement.ts';

export interface DeadLetterRecord {
  readonly id: number;
  readonly at: Date;
  readonly position: number;
  readonly kind: number;
  readonly sgEventId: string;
  readonly reason: string;
}

/** An event that the log still has. */
export interface PlacedEvent {
  readonly position: number;
  readonly kind: number;
}

/** Dead letters by id: after one, up to another. */
export interface LetterRange {
  readonly after: number;
  readonly upTo: number;
}

/** So many are given up at a time: no statement takes long, however many there are. */
export const mostDiscarded = 20_000;

/** So many are sent again at a time: a cursor carries their positions around with every settlement. */
export const mostAtOnce = 2_500;

const list = statement<LetterRow, [string, string, number | null, number]>(`
  select id, at, position, kind, sg_event_id, reason
  from dead_letter
  where integration_id = $2 and organization_id = $1 and discarded_at is null and ($3::bigint is null or id < $3)
  order by id desc limit $4`);

const tallies = statement<
  { readonly integration_id: string; readonly letters: number },
  [string, readonly string[]]
>(`
  select integration_id, letters from dead_letter_tally
  where organization_id = $1 and integration_id = any ($2::text[])`);

/** What there is now; events before the first one of the log are gone, and what they left is not sent again. */
const extent = statement<{ readonly last: number | null; readonly gone: number }, [string, string]>(`
  select
    (select id from dead_letter where integration_id = $2 and organization_id = $1 and discarded_at is null
     order by id desc limit 1) as last,
    (select count(*) from dead_letter
     where integration_id = $2 and organization_id = $1 and discarded_at is null and position < coalesce(
       (select position from event where organization_id = $1 order by position limit 1), ${Number.MAX_SAFE_INTEGER}
     )) as gone`);

/** `limit` keeps the plan from walking through the log beside the dead letters. */
const inLog = `cross join lateral (
      select 1 from event e where e.organization_id = $1 and e.position = l.position limit 1
    ) still`;

const takeChosen = statement<PlacedEvent, [string, string, readonly number[]]>(`
  with found as materialized (
    select l.id, l.position, l.kind from dead_letter l ${inLog}
    where l.organization_id = $1 and l.integration_id = $2 and l.discarded_at is null and l.id = any ($3::bigint[])
  ), taken as (
    delete from dead_letter where id = any (array(select id from found))
  )
  select position, kind from found`);

/** Those of a removed integration stay: they may be asked for again. */
const takeNext = statement<NextRow, [string, string, number, number, boolean]>(`
  with looked as materialized (
    select id, position, kind from dead_letter
    where integration_id = $2 and organization_id = $1 and discarded_at is null and id > $3 and id <= $4
    order by id limit ${mostAtOnce}
  ), found as materialized (
    select l.id, l.position, l.kind from looked l ${inLog}
  ), taken as (
    delete from dead_letter where $5 and id = any (array(select id from found))
  )
  select (select count(*) from looked) as looked, (select max(id) from looked) as last,
    array(select position from found order by id) as positions,
    array(select kind::bigint from found order by id) as kinds`);

const discarded = (chosen: string) => `
  with discarded as (
    update dead_letter set discarded_at = clock_timestamp()
    where organization_id = $1 and integration_id = $2 and discarded_at is null and id = any (${chosen})
    returning id
  )
  select count(*) as count from discarded`;
const discardChosen = statement<{ readonly count: number }, [string, string, readonly number[]]>(
  discarded('$3::bigint[]'),
);
const discardNext = statement<{ readonly count: number }, [string, string, number]>(
  discarded(`array(
      select id from dead_letter
      where integration_id = $2 and organization_id = $1 and discarded_at is null and id <= $3
      order by id limit ${mostDiscarded}
    )`),
);

export class DeadLetterStore {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** Newest first. */
  async list(
    organizationId: string,
    integrationId: string,
    { before, limit }: { readonly before: number | undefined; readonly limit: number },
  ): Promise<readonly DeadLetterRecord[]> {
    const rows = await list(this.#db, organizationId, integrationId, before ?? null, limit);
    return rows.map(toRecord);
  }

  async count(organizationId: string, integrationId: string): Promise<number> {
    return (await this.counts(organizationId, [integrationId])).get(integrationId) ?? 0;
  }

  /** Those that have any. Costs the same however many they are. */
  async counts(organizationId: string, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await tallies(this.#db, organizationId, ids);
    return new Map(rows.map((row) => [row.integration_id, row.letters]));
  }

  /** All there are now, and how many of them the log still has the events of. */
  async extent(organizationId: string, integrationId: string) {
    const letters = await this.count(organizationId, integrationId);
    const [row] = await extent(this.#db, organizationId, integrationId);
    return { range: { after: 0, upTo: row?.last ?? 0 }, letters, sendable: letters - (row?.gone ?? 0) };
  }

  /** Removes those of the dead letters whose events the log still has, and @returns the events. */
  async takeChosen(
    organizationId: string,
    integrationId: string,
    ids: readonly number[],
  ): Promise<readonly PlacedEvent[]> {
    return await takeChosen(this.#db, organizationId, integrationId, ids);
  }

  /** The same with the first ones of a range. `keep`: removes none. */
  async takeNext(
    organizationId: string,
    sourceId: string,
    { after, upTo, keep }: LetterRange & { readonly keep: boolean },
  ): Promise<TakenLetters> {
    const [row] = await takeNext(this.#db, organizationId, sourceId, after, upTo, !keep);
    if (row === undefined) throw new Error('a select without a table is always one row');
    const events = row.positions.map((position, index) => ({ position, kind: row.kinds[index] ?? 0 }));
    return {
      events,
      looked: row.looked,
      next: row.looked < mostAtOnce ? undefined : (row.last ?? undefined),
    };
  }

  /** Gives dead letters up: whoever follows their events still finds the reason. @returns how many. */
  async discardChosen(
    organizationId: string,
    integrationId: string,
    ids: readonly number[],
  ): Promise<number> {
    return (await discardChosen(this.#db, organizationId, integrationId, ids))[0]?.count ?? 0;
  }

  /** The same with the oldest ones up to an id. @returns how many; fewer than `mostDiscarded`: all. */
  async discardNext(organizationId: string, integrationId: string, upTo: number): Promise<number> {
    return (await discardNext(this.#db, organizationId, integrationId, upTo))[0]?.count ?? 0;
  }
}

export interface TakenLetters {
  readonly events: readonly PlacedEvent[];
  /** How many dead letters that was, those without an event counted too. */
  readonly looked: number;
  /** After which one to go on; undefined: these were the last. */
  readonly next: number | undefined;
}

interface NextRow {
  readonly looked: number;
  readonly last: number | null;
  readonly positions: readonly number[];
  readonly kinds: readonly number[];
}

interface LetterRow {
  readonly id: number;
  readonly at: Date;
  readonly position: number;
  readonly kind: number;
  readonly sg_event_id: string;
  readonly reason: string;
}

function toRecord(row: LetterRow): DeadLetterRecord {
  return {
    id: row.id,
    at: row.at,
    position: row.position,
    kind: row.kind,
    sgEventId: row.sg_event_id,
    reason: row.reason,
  };
}
