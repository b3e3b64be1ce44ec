/**
 * Places in an organization's log. It is only ever appended to, so they are found beside the appending, with nothing
 * held; and in statements that look at so much each, however long the log is.
 */
import type { Kysely } from 'kysely';
import type { Schema } from '../storage/schema.ts';
import { statement } from '../storage/statement.ts';
import { stretches } from './cursor.ts';
import type { RemainingReplay } from './delivery-rows.ts';
import type { LogEnd, Totals } from './event-log.ts';

/** How far one statement counts. */
const countedAtOnce = 200_000;

const readEnd = statement<LogEnd, [string]>(
  'select position, totals from event_head where organization_id = $1',
);

const firstPosition = statement<{ readonly position: number }, [string]>(
  'select position from event where organization_id = $1 order by position limit 1',
);

const acceptedAt = statement<{ readonly accepted_at: Date }, [string, number]>(
  'select accepted_at from event where organization_id = $1 and position = $2',
);

const countBetween = statement<{ readonly kind: number; readonly count: number }, [string, number, number]>(`
  select kind, count(*) as count from event
  where organization_id = $1 and position > $2 and position <= $3 group by kind`);

export class PlaceStore {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** Where the log ends now. */
  async end(organizationId: string): Promise<LogEnd> {
    const [end] = await readEnd(this.#db, organizationId);
    if (end === undefined) throw new Error(`organization ${organizationId} has no event log`);
    return end;
  }

  /** The place just before the first event at or after a time, `end` at most. */
  async at(organizationId: string, time: Date, end: LogEnd): Promise<LogEnd> {
    const position = await this.#before(organizationId, time, end);
    return { position, totals: await this.#totalsAt(organizationId, position, end) };
  }

  /** What of a replay the log still has: it begins where the log does. Undefined: nothing. */
  async left(organizationId: string, replay: RemainingReplay): Promise<RemainingReplay | undefined> {
    const { place, spans, end } = replay;
    const gone = await this.#lastGone(organizationId, end);
    if (gone <= place.position) return replay;
    if (gone >= end.position) return undefined;
    const stretch = stretches(place, spans, end).find(({ upTo }) => upTo >= gone);
    if (stretch === undefined) return undefined;
    const stretchEnd = { position: stretch.upTo, totals: stretch.endTotals };
    const totals = await this.#totalsAt(organizationId, gone, stretchEnd);
    return { place: { position: gone, totals }, spans, end };
  }

  /** The last position that the log has no more, `end` at most. */
  async #lastGone(organizationId: string, end: LogEnd): Promise<number> {
    const [first] = await firstPosition(this.#db, organizationId);
    return first === undefined ? end.position : Math.min(first.position - 1, end.position);
  }

  /** Events were accepted in the order of their positions: the first one from a time on is found by halving. */
  async #before(organizationId: string, time: Date, end: LogEnd): Promise<number> {
    let low = await this.#lastGone(organizationId, end);
    let high = end.position;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const [event] = await acceptedAt(this.#db, organizationId, middle);
      // one that is missing was dropped just now, and is older still
      if (event === undefined || event.accepted_at < time) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** From a place further on, whose totals are known. */
  async #totalsAt(organizationId: string, position: number, end: LogEnd): Promise<Totals> {
    const totals = [...end.totals];
    for (let from = position; from < end.position; from += countedAtOnce) {
      const to = Math.min(from + countedAtOnce, end.position);
      for (const { kind, count } of await countBetween(this.#db, organizationId, from, to)) {
        totals[kind] = (totals[kind] ?? 0) - count;
      }
    }
    return totals;
  }
}
