/** Figures of one integration's delivery. */
import type { Kysely } from 'kysely';
import type { Schema } from '../storage/schema.ts';
import { statement } from '../storage/statement.ts';
import { countedSql, isRequest } from './minutes-store.ts';

export interface DeliveryStep {
  readonly at: Date;
  /** Events that came in and that the integration's filter of now wants. */
  readonly received: number;
  readonly forwarded: number;
  readonly rejected: number;
  /** Events in batches that will be tried again. */
  readonly retried: number;
  /** Of the requests of the step, in ms, to within 3 %; null where there was none. */
  readonly latencyMs: {
    readonly p50: number | null;
    readonly p95: number | null;
    readonly p99: number | null;
  };
}

export interface StepsRequest {
  readonly organizationId: string;
  readonly integrationId: string;
  readonly kinds: readonly number[];
  readonly from: Date;
  readonly to: Date;
  readonly stepSeconds: number;
}

/** Of minutes that are over the counters are read, of the latest ones the attempts. */
const steps = statement<StepRow, [string, string, readonly number[], Date, Date, number]>(`
  with figure as (
    select at, (select sum(received[k + 1]) from unnest($3::smallint[]) k) as received, 0 as forwarded, 0 as rejected,
      0 as retried
    from organization_minute where organization_id = $1 and at >= $4 and at < $5
    union all
    select at, 0, forwarded, rejected, retried
    from integration_minute where integration_id = $2 and organization_id = $1 and at >= $4 and at < $5
    union all
    select at, 0, ${countedSql}
    from delivery_attempt
    where integration_id = $2 and organization_id = $1 and at >= greatest($4, (select at from figures_until where single)) and at < $5
  ), summed as (
    select date_bin($6 * interval '1 second', at, $4::timestamptz) as at, sum(received) as received,
      sum(forwarded) as forwarded, sum(rejected) as rejected, sum(retried) as retried
    from figure group by 1
  ), request as (
    select at, took as ms, times as requests
    from integration_minute, unnest(latency_ms, requests) as x (took, times)
    where integration_id = $2 and organization_id = $1 and at >= $4 and at < $5
    union all
    select at, latency_ms, 1
    from delivery_attempt
    where integration_id = $2 and organization_id = $1 and at >= greatest($4, (select at from figures_until where single)) and at < $5
      and ${isRequest}
  ), timed as (
    select date_bin($6 * interval '1 second', at, $4::timestamptz) as at, ms, sum(requests) as requests
    from request group by 1, 2
  ), ranked as (
    select at, ms, sum(requests) over (partition by at order by ms) / sum(requests) over (partition by at) as part
    from timed
  ), latency as (
    select at, array[min(ms) filter (where part >= 0.5), min(ms) filter (where part >= 0.95),
      min(ms) filter (where part >= 0.99)] as latency
    from ranked group by at
  )
  select step.at, coalesce(received, 0)::bigint as received, coalesce(forwarded, 0)::bigint as forwarded,
    coalesce(rejected, 0)::bigint as rejected, coalesce(retried, 0)::bigint as retried, latency
  from generate_series($4::timestamptz, $5::timestamptz - interval '1 millisecond', $6 * interval '1 second') as step (at)
  left join summed using (at) left join latency using (at)
  order by step.at`);

export class DeliveryStatsStore {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  async steps(request: StepsRequest): Promise<readonly DeliveryStep[]> {
    const { organizationId, integrationId, kinds, from, to, stepSeconds } = request;
    const rows = await steps(this.#db, organizationId, integrationId, kinds, from, to, stepSeconds);
    return rows.map(({ at, received, forwarded, rejected, retried, latency }) => ({
      at,
      received,
      forwarded,
      rejected,
      retried,
      latencyMs: { p50: latency?.[0] ?? null, p95: latency?.[1] ?? null, p99: latency?.[2] ?? null },
    }));
  }
}

interface StepRow {
  readonly at: Date;
  readonly received: number;
  readonly forwarded: number;
  readonly rejected: number;
  readonly retried: number;
  readonly latency: readonly number[] | null;
}
