/** What waits for all integrations of all organizations together: for operators, never for deciding. */
import type { Kysely } from 'kysely';
import type { Schema } from '../storage/schema.ts';
import { statement } from '../storage/statement.ts';
import { countWaiting } from './cursor.ts';
import { toSpans } from './delivery-rows.ts';
import type { Totals } from './event-log.ts';

/**
 * Cursors that have not reached their end, each with the first event that some filter of it wants. Those that keep up
 * are not looked at.
 */
const behind = statement<BehindRow, []>(`
  select c.position, c.totals, s.spans, coalesce(c.end_position, h.position) as end_position,
    coalesce(c.end_totals, h.totals) as end_totals,
    (select e.accepted_at from event e
     where c.kind = 'live' and e.organization_id = c.organization_id and e.position > c.position
       and e.kind = any (s.kinds)
     order by e.position limit 1) as oldest_at
  from delivery_cursor c
  join event_head h using (organization_id)
  cross join lateral (
    select json_agg(json_build_array(f.from_position, f.kinds, f.totals) order by f.from_position) as spans,
      array(select distinct unnest(g.kinds) from cursor_filter g where g.cursor_id = c.id) as kinds
    from cursor_filter f where f.cursor_id = c.id
  ) s
  where c.position < coalesce(c.end_position, h.position)`);

const states = statement<{ readonly backing_off: number; readonly paused: number }, []>(`
  select count(*) filter (where attempt > 0 and not paused) as backing_off, count(*) filter (where paused) as paused
  from delivery_cursor where kind = 'live'`);

export interface Backlog {
  readonly waitingEvents: number;
  readonly oldestWaitingAt: Date | null;
  readonly backingOff: number;
  readonly paused: number;
}

export class BacklogStore {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  async read(): Promise<Backlog> {
    const [counted] = await states(this.#db);
    let waitingEvents = 0;
    let oldest: Date | null = null;
    for (const row of await behind(this.#db)) {
      const place = { position: row.position, totals: row.totals };
      const end = { position: row.end_position, totals: row.end_totals };
      const waiting = countWaiting(place, toSpans(row.spans), end);
      waitingEvents += waiting;
      const at = waiting > 0 ? row.oldest_at : null;
      if (at !== null && (oldest === null || at < oldest)) oldest = at;
    }
    return {
      waitingEvents,
      oldestWaitingAt: oldest,
      backingOff: counted?.backing_off ?? 0,
      paused: counted?.paused ?? 0,
    };
  }
}

interface BehindRow {
  readonly position: number;
  readonly totals: Totals;
  readonly end_position: number;
  readonly end_totals: Totals;
  readonly spans: unknown;
  readonly oldest_at: Date | null;
}
