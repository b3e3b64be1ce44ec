/** Moves what was recorded within seconds to where a day of work would have put it. Past Jackfield, which is stopped. */
import pg from 'pg';
import type { PastAttempt, PastDelivery } from './deliveries.ts';
import { minuteMs, type Post } from './traffic.ts';

export interface Past {
  readonly organizationId: string;
  readonly posts: readonly Post[];
  readonly deliveries: ReadonlyMap<string, PastDelivery>;
  /** When the integration that is gone was deleted, in ms before the end. */
  readonly deletedAt: number;
  readonly pausedAt: number;
}

const chunk = 5_000;

export async function spread(url: string, past: Past): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const end = Date.now();
    await moveEvents(client, past, end);
    await rewriteAttempts(client, past, end);
    await countByTheMinute(client, past, end);
    await moveChanges(client, past, end);
    await client.query('vacuum analyze');
  } finally {
    await client.end();
  }
}

async function moveEvents(client: pg.Client, { organizationId, posts }: Past, end: number): Promise<void> {
  const times = posts.flatMap(({ at, events }) => events.map(() => new Date(end + at)));
  const { rows } = await client.query('select position from event_head where organization_id = $1', [
    organizationId,
  ]);
  if (Number(rows[0]?.position) !== times.length) throw new Error('other events came in than were posted');
  for (const days of [0, 1])
    await client.query('select create_event_partition(($1::timestamptz at time zone $2)::date - $3::int)', [
      new Date(end),
      'UTC',
      days,
    ]);
  for (let from = 0; from < times.length; from += chunk) {
    await client.query(
      `update event e set accepted_at = t.at from unnest($2::timestamptz[]) with ordinality as t (at, n)
      where e.organization_id = $1 and e.position = $3 + t.n`,
      [organizationId, times.slice(from, from + chunk), from],
    );
  }
  await client.query(
    `update dead_letter d set at = e.accepted_at + interval '200 milliseconds' from event e
    where e.organization_id = d.organization_id and e.position = d.position`,
  );
}

async function rewriteAttempts(client: pg.Client, past: Past, end: number): Promise<void> {
  await client.query('delete from delivery_attempt');
  const rows = [...past.deliveries].flatMap(([id, { attempts }]) =>
    attempts.map(({ at, first, last, events, outcome, status, latency, answer }) => {
      const time = new Date(end + at);
      return { id, at: time, first, last, events, outcome, status, latency, answer };
    }),
  );
  // their ids follow the time
  rows.sort((a, b) => a.at.getTime() - b.at.getTime());
  for (let from = 0; from < rows.length; from += chunk) {
    await client.query(
      `insert into delivery_attempt (integration_id, organization_id, at, first_position, last_position, events, outcome,
        status, latency_ms, answer)
      select id, $1, at, first, last, events, outcome, status, latency, answer from json_to_recordset($2) as x (
        id text, at timestamptz, first bigint, last bigint, events int, outcome text, status int, latency int, answer text
      )`,
      [past.organizationId, JSON.stringify(rows.slice(from, from + chunk))],
    );
  }
  for (const [id, { attempts, failures, nextAt }] of past.deliveries) {
    const at = (wanted: PastAttempt | undefined) => (wanted ? new Date(end + wanted.at) : null);
    const isFailing = failures > 0;
    const failed = attempts.findLast(({ outcome }) => outcome === 'retry');
    await client.query(
      `update delivery_cursor set attempt = $2, next_attempt_at = $3, last_success_at = $4,
        last_error_at = coalesce($5, last_error_at)
      where integration_id = $1`,
      [
        id,
        failures,
        isFailing ? new Date(end + nextAt) : null,
        at(attempts.findLast(({ outcome }) => outcome === 'delivered')),
        at(failed),
      ],
    );
  }
}

/** The attempts are counted by the server, as ever; events are counted when they come in. */
async function countByTheMinute(client: pg.Client, past: Past, end: number): Promise<void> {
  await client.query('truncate organization_minute, integration_minute');
  await client.query(
    `insert into organization_minute (organization_id, at, received)
    select organization_id, minute, array(
      select coalesce(sum(count) filter (where kind = k), 0)::bigint from unnest(kinds, counts) as x (kind, count)
        right join generate_series(0, 13) k on kind = k group by k order by k
    )
    from (
      select organization_id, minute, array_agg(kind) as kinds, array_agg(count) as counts
      from (
        select organization_id, date_trunc('minute', accepted_at) as minute, kind, count(*) as count
        from event group by 1, 2, 3
      ) counted group by 1, 2
    ) kept`,
  );
  await noteStanding(client, past, end);
  await client.query(`update figures_until set at = date_trunc('minute', $1::timestamptz)`, [
    new Date(end + (past.posts[0]?.at ?? 0) - minuteMs),
  ]);
}

/** What waited and what was dead, as the server looks once a minute. */
async function noteStanding(client: pg.Client, past: Past, end: number): Promise<void> {
  const [first] = past.posts;
  const minutes: number[] = [];
  const start = Math.ceil((end + (first?.at ?? 0)) / minuteMs) * minuteMs;
  for (let minute = start; minute < end; minute += minuteMs) minutes.push(minute);
  // within a quarter of the minute
  const times = minutes.map((minute) => Math.min(minute + minuteMs / 4 - end, 0));
  const all = [...past.deliveries.values()].map((each) => each.standing(times));
  const sum = (index: number, what: 'waiting' | 'dead') =>
    all.reduce((total, each) => total + (each[index]?.[what] ?? 0), 0);
  await client.query('truncate sampled_minute, organization_standing');
  await client.query('insert into sampled_minute (at) select * from unnest($1::timestamptz[])', [
    minutes.map((minute) => new Date(minute)),
  ]);
  await client.query(
    `insert into organization_standing (organization_id, at, waiting, dead)
    select $1, * from unnest($2::timestamptz[], $3::bigint[], $4::bigint[])`,
    [
      past.organizationId,
      minutes.map((minute) => new Date(minute)),
      minutes.map((_, index) => sum(index, 'waiting')),
      minutes.map((_, index) => sum(index, 'dead')),
    ],
  );
}

/** Who did what is spread over the last weeks; what it was done to is as old as that. */
async function moveChanges(client: pg.Client, past: Past, end: number): Promise<void> {
  await client.query(
    `update audit_entry a set at = $1::timestamptz - interval '26 hours' - n.back * n.back * interval '5 hours'
      - n.back * interval '47 minutes 13 seconds'
    from (select id, row_number() over (order by id desc) as back from audit_entry) n where n.id = a.id`,
    [new Date(end)],
  );
  const late = [
    ['integration.deleted', past.deletedAt],
    ['integration.paused', past.pausedAt],
  ] as const;
  for (const [action, at] of late)
    await client.query('update audit_entry set at = $2 where action = $1', [action, new Date(end + at)]);
  await client.query('update removed_cursor set removed_at = $1', [new Date(end + past.deletedAt)]);
  const made = [
    ['integration', 'id'],
    ['api_key', 'id'],
    ['phone_number', 'id'],
    ['event_source', 'id'],
  ] as const;
  for (const [table, id] of made) {
    await client.query(
      `update ${table} t set created_at = a.at${table === 'api_key' ? '' : ', updated_at = a.at'} from audit_entry a
      where a.target_id = t.${id} and a.action = '${table}.created'`,
    );
  }
  await client.query(
    `update api_key set last_used_at = $1::timestamptz - interval '7 minutes'
    where name = 'Deployment pipeline'`,
    [new Date(end)],
  );
}
