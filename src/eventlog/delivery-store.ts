/** Cursors as integrations own them: started, filtered, paused, replayed and removed with them. */
import type { Kysely } from 'kysely';
import type { Schema } from '../storage/schema.ts';
import { statement } from '../storage/statement.ts';
import type { FilterSpan } from './cursor.ts';
import { rememberReplays } from './cursor-statements.ts';
import { DeadLetterRetryStore } from './dead-letter-retry-store.ts';
import { DeadLetterStore, type PlacedEvent } from './dead-letter-store.ts';
import { type CursorState, type RemovedCursor, type StateRow, toRemoved, toState } from './delivery-rows.ts';
import type { LogEnd, Totals } from './event-log.ts';
import { PlaceStore } from './place-store.ts';
import { RemovedCursorStore } from './removed-cursor-store.ts';

/** Holds the end of the log, so that no event comes in between reading it and writing what depends on it. */
const lockHead = statement<LogEnd, [string]>(
  'select position, totals from event_head where organization_id = $1 for update',
);

/** One beside a paused one is paused too. */
const insertCursor = statement<
  { readonly id: number },
  [string, string, string, number, Totals, number | null, Totals | null, readonly number[] | null]
>(`
  insert into delivery_cursor (integration_id, organization_id, kind, position, totals, end_position, end_totals,
    only_positions, start_position, paused)
  select $1, $2, $3, $4::bigint, $5::bigint[], $6::bigint, $7::bigint[], $8::bigint[],
    case when $6::bigint is not null then $4::bigint end,
    exists (select from delivery_cursor where integration_id = $1 and paused)
  returning id`);

/** A filter that changes twice at one position changes once. */
const insertSpan = statement<never, [number, number, readonly number[], Totals]>(`
  insert into cursor_filter (cursor_id, from_position, kinds, totals)
  values ($1, $2, $3::smallint[], $4::bigint[])
  on conflict (cursor_id, from_position) do update set kinds = excluded.kinds`);

/** Who held a lease within the last 2 s, however short it was, may still be beginning a request. */
const states = statement<StateRow, [string, readonly string[]]>(`
  select c.id, c.integration_id, c.kind, c.position, c.totals, c.end_position, c.end_totals, c.paused, c.attempt,
    c.next_attempt_at, c.last_success_at, c.last_error, c.last_error_at, c.missed, c.only_positions,
    case when c.lease_until > clock_timestamp() - interval '2 seconds' then c.lease_owner end as lease_owner,
    h.position as head_position, h.totals as head_totals,
    (select json_agg(json_build_array(f.from_position, f.kinds, f.totals) order by f.from_position)
     from cursor_filter f
     where f.cursor_id = c.id and f.from_position >= (
       select max(b.from_position) from cursor_filter b where b.cursor_id = c.id and b.from_position <= c.position
     )) as spans
  from delivery_cursor c join event_head h using (organization_id)
  where c.organization_id = $1 and c.integration_id = any ($2::text[])
  order by c.integration_id, c.id`);

/** In one order, after the integrations themselves; a worker that settles is waited for, it takes nothing else. */
const lockCursors = statement<never, [string, readonly string[]]>(`
  select id from delivery_cursor where organization_id = $1 and integration_id = any ($2::text[])
  order by id for update`);

/** What replays have sent by now is remembered. */
const removeCursors = statement<never, [string, readonly string[]]>(`
  with gone as (
    delete from delivery_cursor where organization_id = $1 and integration_id = any ($2::text[])
    returning *
  )
  ${rememberReplays('gone')}`);

const eventsAt = statement<PlacedEvent, [string, readonly number[]]>(
  'select position, kind from event where organization_id = $1 and position = any ($2::bigint[])',
);

/**
 * Whoever holds the cursor keeps it, so that a delete that comes soon still knows whom to wait for; what it has sent by
 * now it may settle. It is told to stop, and cannot confirm its hold while this is so.
 */
const setPaused = statement<{ readonly id: number }, [string, string, boolean]>(`
  update delivery_cursor
  set paused = $3, attempt = 0, next_attempt_at = null
  where organization_id = $1 and integration_id = $2 and paused <> $3
  returning id`);

export class DeliveryStore {
  readonly #db: Kysely<Schema>;
  readonly #removed: RemovedCursorStore;
  readonly #letters: DeadLetterStore;
  readonly #retries: DeadLetterRetryStore;
  readonly #places: PlaceStore;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
    this.#removed = new RemovedCursorStore(db);
    this.#letters = new DeadLetterStore(db);
    this.#retries = new DeadLetterRetryStore(db);
    this.#places = new PlaceStore(db);
  }

  /**
   * Inside the transaction that makes the integration: it follows the log from its end on, or from a time. Only for the
   * former nothing may be appended meanwhile.
   */
  async start({ organizationId, integrationId, kinds, from }: NewSubscription): Promise<void> {
    const place =
      from === undefined
        ? await this.#lockEnd(organizationId)
        : await this.#places.at(organizationId, from, await this.#places.end(organizationId));
    const { position, totals } = place;
    const id = await this.#insert({
      integrationId,
      organizationId,
      kind: 'live',
      position,
      totals,
      end: undefined,
      only: undefined,
    });
    await insertSpan(this.#db, id, position, kinds, totals);
  }

  /** Inside the transaction that changes the integration: the filter applies to events that come after it. */
  async changeFilter(organizationId: string, integrationId: string, kinds: readonly number[]): Promise<void> {
    const { position, totals } = await this.#lockEnd(organizationId);
    const live = (await this.states(organizationId, [integrationId])).find((each) => each.kind === 'live');
    if (live !== undefined) await insertSpan(this.#db, live.id, position, kinds, totals);
  }

  /** A bounded cursor beside the live one. */
  async startReplay({ organizationId, integrationId, place, end, spans, only }: Replay): Promise<void> {
    const { position, totals } = place;
    const base = { integrationId, organizationId, kind: 'replay', position, totals, end } as const;
    const id = await this.#insert({ ...base, only });
    for (const span of spans) {
      await insertSpan(this.#db, id, span.fromPosition, span.kinds, span.totals);
    }
  }

  /** Inside a transaction: nothing is appended until it ends. */
  async #lockEnd(organizationId: string): Promise<LogEnd> {
    const [end] = await lockHead(this.#db, organizationId);
    if (end === undefined) throw new Error(`organization ${organizationId} has no event log`);
    return end;
  }

  async states(organizationId: string, integrationIds: readonly string[]): Promise<readonly CursorState[]> {
    return (await states(this.#db, organizationId, integrationIds)).map(toState);
  }

  /**
   * Inside the transaction that removes the integrations and holds them: no worker settles anything afterwards.
   * @returns what each leaves behind, and who held a lease just now.
   */
  async remove(
    organizationId: string,
    integrationIds: readonly string[],
  ): Promise<{ readonly removed: readonly RemovedCursor[]; readonly holders: readonly string[] }> {
    await lockCursors(this.#db, organizationId, integrationIds);
    const held = await this.states(organizationId, integrationIds);
    const letters = await this.#letters.counts(organizationId, integrationIds);
    const retries = await this.#retries.abandon(integrationIds);
    const replays = Map.groupBy(held, ({ integrationId }) => integrationId);
    const removed = held
      .filter((cursor) => cursor.kind === 'live')
      .map((live) => {
        const beside = (replays.get(live.integrationId) ?? []).filter(({ kind }) => kind === 'replay');
        const deadLetters = letters.get(live.integrationId) ?? 0;
        return toRemoved(live, beside, { deadLetters, retries: retries.get(live.integrationId) ?? [] });
      });
    for (const each of removed) await this.#removed.bury(organizationId, each);
    await removeCursors(this.#db, organizationId, integrationIds);
    return { removed, holders: held.flatMap(({ leaseOwner }) => (leaseOwner === null ? [] : [leaseOwner])) };
  }

  /** Those of some positions that the log still has. */
  async eventsAt(organizationId: string, positions: readonly number[]): Promise<readonly PlacedEvent[]> {
    return await eventsAt(this.#db, organizationId, positions);
  }

  /** @returns whether that changed anything. */
  async setPaused(organizationId: string, integrationId: string, paused: boolean): Promise<boolean> {
    return (await setPaused(this.#db, organizationId, integrationId, paused)).length > 0;
  }

  async #insert(cursor: NewCursor): Promise<number> {
    const { integrationId, organizationId, kind, position, totals, end, only } = cursor;
    const endPosition = end?.position ?? null;
    const endTotals = end?.totals ?? null;
    const [row] = await insertCursor(
      this.#db,
      integrationId,
      organizationId,
      kind,
      position,
      totals,
      endPosition,
      endTotals,
      only ?? null,
    );
    if (row === undefined) throw new Error('a cursor was not inserted');
    return row.id;
  }
}

export interface NewSubscription {
  readonly organizationId: string;
  readonly integrationId: string;
  readonly kinds: readonly number[];
  /** Undefined: from now on. */
  readonly from: Date | undefined;
}

export interface Replay {
  readonly organizationId: string;
  readonly integrationId: string;
  readonly place: { readonly position: number; readonly totals: Totals };
  readonly end: LogEnd;
  readonly spans: readonly FilterSpan[];
  /** These events alone; undefined: all that the spans want. */
  readonly only: readonly number[] | undefined;
}

interface NewCursor extends LogEnd {
  readonly integrationId: string;
  readonly organizationId: string;
  readonly kind: 'live' | 'replay';
  readonly end: LogEnd | undefined;
  readonly only: readonly number[] | undefined;
}
