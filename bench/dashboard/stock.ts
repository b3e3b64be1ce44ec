/** An organization that has been in use for a day: many integrations, and half of all attempts at one of them. */
import { setTimeout as pause } from 'node:timers/promises';
import { query } from '../../test/support/sql.ts';

export interface Stock {
  readonly integrations: number;
  readonly attempts: number;
}

const idOf = (n: string): string => `'intg_' || substr(md5((${n})::text), 1, 12)`;

/** Copies one Segment integration, past Jackfield: its credentials open for none of the copies, and nothing needs them. */
export async function fill(url: string, first: string, { integrations, attempts }: Stock): Promise<void> {
  const run = async (text: string) => await query(url, text);
  const copies = `generate_series(1, ${integrations - 1}) n`;
  await run(`
    insert into integration (id, organization_id, provider, name, email_events, settings, created_at)
    select ${idOf('n')}, organization_id, provider, 'Shop ' || n, email_events, settings, now() - n * interval '1 minute'
    from integration, ${copies} where id = '${first}'`);
  await run(`
    insert into credential (integration_id, organization_id, sealed)
    select ${idOf('n')}, organization_id, sealed from credential, ${copies} where integration_id = '${first}'`);
  await run(`
    insert into delivery_cursor (integration_id, organization_id, kind, position, totals, last_success_at)
    select ${idOf('n')}, organization_id, kind, position, totals, now()
    from delivery_cursor, ${copies} where integration_id = '${first}'`);
  await run(`
    insert into cursor_filter (cursor_id, from_position, kinds, totals)
    select c.id, f.from_position, f.kinds, f.totals
    from delivery_cursor c, cursor_filter f join delivery_cursor o on o.id = f.cursor_id
    where o.integration_id = '${first}' and c.id <> o.id`);
  const everyMs = 86_400_000 / attempts;
  await run(`
    insert into delivery_attempt (integration_id, organization_id, at, first_position, last_position, events, outcome,
      status, latency_ms, answer)
    select case when n % 2 = 0 then i.id else ${idOf(`n / 2 % ${integrations - 1} + 1`)} end, i.organization_id,
      now() - (${attempts} - n) * ${everyMs} * interval '1 millisecond', n, n, 100,
      case when n % 40 = 0 then 'retry' else 'delivered' end, case when n % 40 = 0 then 503 else 200 end,
      20 + n % 300, '{"success":true}'
    from integration i, generate_series(1, ${attempts}) n where i.id = '${first}'`);
  await run(`
    insert into organization_minute (organization_id, at, received)
    select i.organization_id, date_trunc('minute', now()) - n * interval '1 minute', array_fill(5000::bigint, array[14])
    from integration i, generate_series(1, 1440) n where i.id = '${first}'`);
  // as if somebody had looked every minute, and found something else each time
  await run(`
    insert into sampled_minute (at)
    select date_trunc('minute', now()) - n * interval '1 minute' from generate_series(1, 1440) n
    on conflict do nothing`);
  await run(`
    insert into organization_standing (organization_id, at, waiting, dead)
    select i.organization_id, date_trunc('minute', now()) - n * interval '1 minute', 2000 + n % 700, (1440 - n) / 10
    from integration i, generate_series(1, 1440) n where i.id = '${first}'
    on conflict do nothing`);
  await run(`update figures_until set at = date_trunc('minute', now() - interval '25 hours')`);
  await run('vacuum analyze');
  // the server counts them for good by and by, as it would have done all day
  for (;;) {
    const [row] = await run(`select at > now() - interval '5 minutes' as done from figures_until`);
    if (row?.['done'] === true) return;
    await pause(1_000);
  }
}
