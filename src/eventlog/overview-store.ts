/** How the delivery of a whole organization stands: in short for each integration, in sum, and step by step. */
import type { Kysely } from 'kysely';
import type { DeliveryState, DeliverySummary } from '../core/integration-list.ts';
import type { Schema } from '../storage/schema.ts';
import { statement } from '../storage/statement.ts';
import { countedSql } from './minutes-store.ts';
import { oldestSql } from './oldest-waiting.ts';
import { standingSql } from './standing.ts';

export interface OverviewTotals {
  readonly integrations: number;
  readonly running: number;
  readonly backingOff: number;
  readonly paused: number;
  readonly waiting: number;
  readonly deadLetters: number;
}

export interface UnhealthyIntegration extends DeliverySummary {
  readonly id: string;
  readonly name: string;
  readonly provider: string;
}

export interface OrganizationStep {
  readonly at: Date;
  /** Every event that came in, also those that nobody wants and those that were refused. */
  readonly received: number;
  readonly forwarded: number;
  readonly rejected: number;
  /** Events in batches that will be tried again. */
  readonly retried: number;
  /** Events that waited, and dead letters, when they were last counted in the step; null where they were not. */
  readonly waiting: number | null;
  readonly dead: number | null;
}

export interface StepRange {
  readonly from: Date;
  readonly to: Date;
  readonly stepSeconds: number;
}

const standing = `s.id, s.state, s.waiting, s.dead, s.last_success_at, s.last_error, s.last_error_at, s.next_attempt_at`;

const summaries = statement<SummaryRow, [string, readonly string[]]>(`
  with ${standingSql(true)}
  select ${standing} from standing s where s.state <> 'not_forwarding'`);

const totals = statement<TotalsRow, [string]>(`
  with ${standingSql()}
  select count(*) as integrations, count(*) filter (where state = 'running') as running,
    count(*) filter (where state = 'backing_off') as backing_off, count(*) filter (where state = 'paused') as paused,
    coalesce(sum(waiting), 0)::bigint as waiting, coalesce(sum(dead), 0)::bigint as dead
  from standing`);

const unhealthy = statement<UnhealthyRow, [string, number]>(`
  with ${standingSql()}
  select ${standing}, i.name, i.provider
  from (select * from standing where rank < 3 order by rank, weight, id limit $2) s join integration i on i.id = s.id
  order by s.rank, s.weight, s.id`);

/** Of the stretches with waiting events, those that begin first are looked at: the oldest event is in one of them. */
const stretchesLookedAt = 20;

/** Of live cursors. Positions follow time, so the stretch that begins first nearly always has the oldest event. */
const oldestWaiting = statement<{ readonly at: Date | null }, [string]>(`
  with ${standingSql()}, first as materialized (
    select organization_id, after, up_to, kinds from behind where waiting > 0 and kind = 'live'
    order by after, up_to limit ${stretchesLookedAt}
  )
  ${oldestSql}`);

/**
 * Of minutes that are over the counters are read, of the latest ones the attempts. What stood there is told of the last
 * minute of the step that was looked at, by the last row until then; without one there was nothing.
 */
const steps = statement<OrganizationStep, [string, Date, Date, number]>(`
  with figure as (
    select at, (select sum(r) from unnest(received) r) as received, forwarded, rejected, retried
    from organization_minute where organization_id = $1 and at >= $2 and at < $3
    union all
    select at, 0, ${countedSql}
    from delivery_attempt
    where organization_id = $1 and at >= greatest($2, (select at from figures_until where single)) and at < $3
  ), summed as (
    select date_bin($4 * interval '1 second', at, $2::timestamptz) as at, sum(received) as received,
      sum(forwarded) as forwarded, sum(rejected) as rejected, sum(retried) as retried
    from figure group by 1
  ), counted as (
    select date_bin($4 * interval '1 second', at, $2::timestamptz) as at, max(at) as minute
    from sampled_minute where at >= $2 and at < $3 group by 1
  ), stood as (
    select c.at, coalesce(s.waiting, 0) as waiting, coalesce(s.dead, 0) as dead
    from counted c left join lateral (
      select waiting, dead from organization_standing
      where organization_id = $1 and at <= c.minute order by at desc limit 1
    ) s on true
  )
  select step.at, coalesce(received, 0)::bigint as received, coalesce(forwarded, 0)::bigint as forwarded,
    coalesce(rejected, 0)::bigint as rejected, coalesce(retried, 0)::bigint as retried, waiting, dead
  from generate_series($2::timestamptz, $3::timestamptz - interval '1 millisecond', $4 * interval '1 second') as step (at)
  left join summed using (at) left join stood using (at)
  order by step.at`);

export class OverviewStore {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** Of those of the integrations that take events. */
  async summaries(
    organizationId: string,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, DeliverySummary>> {
    const rows = await summaries(this.#db, organizationId, ids);
    return new Map(rows.map((row) => [row.id, toSummary(row)]));
  }

  async totals(organizationId: string): Promise<OverviewTotals> {
    const [row] = await totals(this.#db, organizationId);
    if (row === undefined) throw new Error('a sum without a group is always one row');
    const { integrations, running, backing_off: backingOff, paused, waiting, dead: deadLetters } = row;
    return { integrations, running, backingOff, paused, waiting, deadLetters };
  }

  /** Those that fail, have dead letters or are paused, in this order. */
  async unhealthy(organizationId: string, most: number): Promise<readonly UnhealthyIntegration[]> {
    const rows = await unhealthy(this.#db, organizationId, most);
    return rows.map(toUnhealthy);
  }

  async oldestWaiting(organizationId: string): Promise<Date | undefined> {
    return (await oldestWaiting(this.#db, organizationId))[0]?.at ?? undefined;
  }

  /** Oldest first, steps without anything included. */
  async steps(
    organizationId: string,
    { from, to, stepSeconds }: StepRange,
  ): Promise<readonly OrganizationStep[]> {
    return await steps(this.#db, organizationId, from, to, stepSeconds);
  }
}

function toUnhealthy(row: UnhealthyRow): UnhealthyIntegration {
  return { id: row.id, name: row.name, provider: row.provider, ...toSummary(row) };
}

function toSummary(row: SummaryRow): DeliverySummary {
  return {
    state: row.state,
    waiting: row.waiting,
    deadLetters: row.dead,
    lastSuccessAt: row.last_success_at,
    lastError: row.last_error,
    lastErrorAt: row.last_error_at,
    nextAttemptAt: row.next_attempt_at,
  };
}

interface SummaryRow {
  readonly id: string;
  readonly state: DeliveryState;
  readonly waiting: number;
  readonly dead: number;
  readonly last_success_at: Date | null;
  readonly last_error: string | null;
  readonly last_error_at: Date | null;
  readonly next_attempt_at: Date | null;
}

interface UnhealthyRow extends SummaryRow {
  readonly name: string;
  readonly provider: string;
}

interface TotalsRow {
  readonly integrations: number;
  readonly running: number;
  readonly backing_off: number;
  readonly paused: number;
  readonly waiting: number;
  readonly dead: number;
}
