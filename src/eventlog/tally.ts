/** How many events of each kind there are between cursors and what retention keeps. */
import type { Kysely } from 'kysely';
import { rejectedKind } from '../core/email-event.ts';
import type { Schema } from '../storage/schema.ts';
import { statement } from '../storage/statement.ts';
import type { CursorPlace } from './cursor.ts';
import type { Totals } from './event-log.ts';

/** So many positions take well under a second. */
const countedAtOnce = 500_000;
const countBetween = statement<
  { readonly kind: number; readonly count: number },
  [string, number, number, readonly number[] | null]
>(`
  select kind, count(*) as count from event
  where organization_id = $1 and position > $2 and position <= $3
    and ($4::bigint[] is null or position = any ($4::bigint[]))
  group by kind`);

/** Totals at a horizon. What several cursors of an organization miss is counted once, where the last ones come first. */
export class Tally {
  readonly #db: Kysely<Schema>;
  #known = { organizationId: '', horizon: 0, from: 0, counts: [] as readonly number[] };

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  async totalsAt(
    horizon: number,
    from: CursorPlace,
    organizationId: string,
    only: readonly number[] | null,
  ): Promise<Totals> {
    if (only !== null)
      return sum(from.totals, await this.#count(organizationId, from.position, horizon, only));
    const known = this.#known;
    const isKnown =
      known.organizationId === organizationId && known.horizon === horizon && known.from >= from.position;
    const { from: upTo, counts } = isKnown ? known : { from: horizon, counts: [] };
    const all = sum(counts, await this.#count(organizationId, from.position, upTo, null));
    this.#known = { organizationId, horizon, from: from.position, counts: all };
    return sum(from.totals, all);
  }

  async #count(organizationId: string, after: number, upTo: number, only: readonly number[] | null) {
    const counts: number[] = [];
    for (let start = after; start < upTo; start += countedAtOnce) {
      const end = Math.min(start + countedAtOnce, upTo);
      for (const { kind, count } of await countBetween(this.#db, organizationId, start, end, only))
        counts[kind] = (counts[kind] ?? 0) + count;
    }
    return counts;
  }
}

function sum(a: readonly number[], b: readonly number[]): Totals {
  return Array.from({ length: rejectedKind + 1 }, (_, kind) => (a[kind] ?? 0) + (b[kind] ?? 0));
}
