/**
 * Figures by the minute, so that a chart reads some rows a step however much was delivered. Events are counted by the
 * append; attempts are counted here when their minute is over, as counters beside each of them would make settling
 * dearer, and those of a whole organization would make its integrations wait for each other.
 */
import type { Kysely } from 'kysely';
import type { Schema } from '../storage/schema.ts';
import { statement } from '../storage/statement.ts';
import { deleteInSlices } from './slices.ts';
import { behindSql } from './standing.ts';

/** No statement takes longer, so by then no attempt comes in behind. */
const settledAfter = "interval '60 seconds'";
const attemptsAtOnce = 50_000;

/** The minutes that are counted next; nothing where another process counts. */
const nextStretch = statement<{ readonly from: Date; readonly up_to: Date }, []>(`
  with u as (
    select at, date_trunc('minute', clock_timestamp() - ${settledAfter}) as over from figures_until
    where single for update skip locked
  )
  select u.at as from, least(u.over, (
      select greatest(date_trunc('minute', a.at), u.at + interval '1 minute') from delivery_attempt a
      where a.at >= u.at order by a.at offset ${attemptsAtOnce} limit 1
    )) as up_to
  from u where u.at < u.over`);

/** Sixteen values between a number and its double: to within 3 %. */
const width = 'power(2, greatest(floor(ln(greatest(latency_ms, 1)) / ln(2)) - 4, 0))';

/** Of a row of delivery_attempt. What could not be sent at all was no request, and took no time. */
export const isRequest = "not (outcome = 'rejected' and status is null)";
export const countedSql = ['delivered', 'rejected', 'retry']
  .map((outcome) => `case when outcome = '${outcome}' then events else 0 end`)
  .join(', ');

const count = statement<never, [Date, Date]>(`
  with attempt as materialized (
    select integration_id, organization_id, date_trunc('minute', at) as at,
      case when ${isRequest} then (round(latency_ms / ${width}) * ${width})::integer end as ms, ${countedSql}
    from delivery_attempt where at >= $1 and at < $2
  ), went (integration_id, organization_id, at, ms, requests, forwarded, rejected, retried) as (
    select integration_id, organization_id, at, ms, count(ms)::integer, sum(a.delivered), sum(a.rejected), sum(a.retried)
    from attempt a (integration_id, organization_id, at, ms, delivered, rejected, retried) group by 1, 2, 3, 4
  ), of_integrations as (
    insert into integration_minute (integration_id, organization_id, at, forwarded, rejected, retried, latency_ms, requests)
    select integration_id, organization_id, at, sum(forwarded), sum(rejected), sum(retried),
      coalesce(array_agg(ms order by ms) filter (where requests > 0), '{}'),
      coalesce(array_agg(requests order by ms) filter (where requests > 0), '{}')
    from went group by 1, 2, 3
  ), of_organizations as (
    insert into organization_minute as m (organization_id, at, forwarded, rejected, retried)
    select organization_id, at, sum(forwarded), sum(rejected), sum(retried) from went group by 1, 2
    on conflict (organization_id, at) do update
    set forwarded = m.forwarded + excluded.forwarded, rejected = m.rejected + excluded.rejected,
      retried = m.retried + excluded.retried
  )
  update figures_until set at = $2 where single`);

/** Nothing where the minute was taken before, by this process or another one. */
const takeMinute = statement<{ readonly at: Date }, []>(`
  insert into sampled_minute (at) values (date_trunc('minute', clock_timestamp())) on conflict do nothing returning at`);

/**
 * What waits and what is dead, as totals count it. A row is written where that has changed, and once a day, so that the
 * last one is not older than what is kept; an organization that never had either gets none.
 */
const sample = statement<never, [Date]>(`
  with ${behindSql('true')}, waiting as (
    select organization_id, sum(waiting) as waiting from behind group by 1
  ), dead as (
    select d.organization_id, sum(d.letters) as dead
    from dead_letter_tally d join integration i on i.id = d.integration_id where d.letters > 0 group by 1
  )
  insert into organization_standing (organization_id, at, waiting, dead)
  select o.id, $1, coalesce(w.waiting, 0), coalesce(d.dead, 0)
  from organization o
    left join waiting w on w.organization_id = o.id
    left join dead d on d.organization_id = o.id
    left join lateral (
      select at, waiting, dead from organization_standing s where s.organization_id = o.id order by at desc limit 1
    ) last on true
  where coalesce(w.waiting, 0) <> coalesce(last.waiting, 0) or coalesce(d.dead, 0) <> coalesce(last.dead, 0)
    or (last.at < $1::timestamptz - interval '1 day' and last.waiting + last.dead > 0)
  on conflict do nothing`);

export class MinutesStore {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** Inside a transaction. @returns whether there may be more to count. */
  async countAttempts(): Promise<boolean> {
    const [stretch] = await nextStretch(this.#db, ...([] as const));
    if (stretch === undefined) return false;
    await count(this.#db, stretch.from, stretch.up_to);
    return true;
  }

  /** Inside a transaction: notes how many events wait and how many dead letters there are, once a minute. */
  async sample(): Promise<void> {
    const [minute] = await takeMinute(this.#db, ...([] as const));
    if (minute !== undefined) await sample(this.#db, minute.at);
  }

  async forget(before: Date): Promise<void> {
    await deleteInSlices(this.#db, 'sampled_minute', before);
    // what stood there at the beginning was written up to a day earlier
    await deleteInSlices(
      this.#db,
      'organization_standing',
      new Date(before.getTime() - 2 * 24 * 60 * 60_000),
    );
    await deleteInSlices(this.#db, 'organization_minute', before);
    await deleteInSlices(this.#db, 'integration_minute', before);
  }
}
