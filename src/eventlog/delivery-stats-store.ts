/** Figures of delivery, counted from the event log and the attempts. */
import type { Kysely } from 'kysely';
import type { Schema } from '../storage/schema.ts';
import { statement } from '../storage/statement.ts';

export interface DeliveryStep {
  readonly at: Date;
  /** Events that came in and that the integration's filter of now wants. */
  readonly received: number;
  readonly forwarded: number;
  readonly rejected: number;
  /** Events in batches that will be tried again. */
  readonly retried: number;
  /** Of the requests of the step, in ms; null where there was none. */
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

const steps = statement<StepRow, [string, string, readonly number[], Date, Date, number]>(`
  with step as (
    select at from generate_series($4::timestamptz, $5::timestamptz - interval '1 millisecond',
      $6 * interval '1 second') as at
  ), came as (
    select date_bin($6 * interval '1 second', accepted_at, $4::timestamptz) as at, count(*) as received
    from event
    where organization_id = $1 and accepted_at >= $4 and accepted_at < $5 and kind = any ($3::smallint[])
    group by 1
  ), went as (
    select date_bin($6 * interval '1 second', at, $4::timestamptz) as at,
      sum(events) filter (where outcome = 'delivered') as forwarded,
      sum(events) filter (where outcome = 'rejected') as rejected,
      sum(events) filter (where outcome = 'retry') as retried,
      percentile_disc(array[0.5, 0.95, 0.99]) within group (order by latency_ms)
        filter (where not (outcome = 'rejected' and status is null)) as latency
    from delivery_attempt
    where organization_id = $1 and integration_id = $2 and at >= $4 and at < $5
    group by 1
  )
  select step.at, coalesce(received, 0)::bigint as received, coalesce(forwarded, 0)::bigint as forwarded,
    coalesce(rejected, 0)::bigint as rejected, coalesce(retried, 0)::bigint as retried, latency
  from step left join came using (at) left join went using (at)
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
