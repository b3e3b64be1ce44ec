/** What waits for all integrations of all organizations together: for operators, never for deciding. */
import type { Kysely } from 'kysely';
import type { Schema } from '../storage/schema.ts';
import { statement } from '../storage/statement.ts';
import { oldestSql } from './oldest-waiting.ts';
import { behindSql } from './standing.ts';

/** The organizations whose first waiting stretch begins longest ago have the oldest event, and so have their first ones. */
const organizationsLookedAt = 5;
const stretchesLookedAt = 4;

/** Waiting events are counted from totals alone; the log is looked at where they say that something waits. */
const waiting = statement<{ readonly waiting: number; readonly oldest_at: Date | null }, []>(`
  with ${behindSql('true')}, candidate as materialized (
    select organization_id, after, up_to, kinds,
      row_number() over (partition by organization_id order by after, up_to) as place
    from behind where waiting > 0 and kind = 'live'
  ), longest as materialized (
    select c.organization_id,
      (select e.accepted_at from event e where e.organization_id = c.organization_id and e.position > c.after
       order by e.position limit 1) as begins_at
    from candidate c where c.place = 1 order by begins_at limit ${organizationsLookedAt}
  ), first as materialized (
    select c.* from candidate c join longest using (organization_id) where c.place <= ${stretchesLookedAt}
  )
  select coalesce(sum(waiting), 0)::bigint as waiting, (${oldestSql}) as oldest_at from behind`);

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
    const [behind] = await waiting(this.#db);
    return {
      waitingEvents: behind?.waiting ?? 0,
      oldestWaitingAt: behind?.oldest_at ?? null,
      backingOff: counted?.backing_off ?? 0,
      paused: counted?.paused ?? 0,
    };
  }
}
