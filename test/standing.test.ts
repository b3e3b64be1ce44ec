import { describe, expect, it } from 'vitest';
import { Secret } from '../src/core/secret.ts';
import { openPostgres } from '../src/storage/postgres.ts';
import { Storage } from '../src/storage/storage.ts';
import { createDatabase } from './support/database.ts';
import { query } from './support/sql.ts';

/** Cursors anywhere in a log of 400 events, with one to four filters each, live ones and replays. */
const stock = `
  select setseed(0.42);
  insert into organization (id, username, region, segment_integration_limit, data_key)
  values ('org_a', 'a', 'global', 100, 'x');
  create temporary table log as select n as position, floor(random() * 14)::int as kind from generate_series(1, 400) n;
  create temporary table place as select p as position, array(
      select count(*) filter (where l.position <= p and l.kind = k) from generate_series(0, 13) k left join log l on true
      group by k order by k) as totals
    from generate_series(0, 400) p;
  delete from event_head where organization_id = 'org_a';
  insert into event_head (organization_id, position, totals) select 'org_a', position, totals from place
    where position = 400;
  insert into integration (id, organization_id, provider, name, email_events, settings)
    select 'intg_' || lpad(to_hex(n), 12, '0'), 'org_a', 'segment', 'n', '{}', '{}' from generate_series(1, 300) n;
  insert into delivery_cursor (integration_id, organization_id, kind, position, totals)
    select i.id, 'org_a', 'live', p.position, p.totals
    from (select id, floor(random() * 401)::int as at from integration) i join place p on p.position = i.at;
  insert into delivery_cursor (integration_id, organization_id, kind, position, totals, end_position, end_totals)
    select i.id, 'org_a', 'replay', p.position, p.totals, e.position, e.totals
    from (select id, floor(random() * 200)::int as at, 200 + floor(random() * 201)::int as until from integration
      where random() < 0.5) i
    join place p on p.position = i.at join place e on e.position = i.until;
  insert into cursor_filter (cursor_id, from_position, kinds, totals)
    select f.id, p.position, f.kinds, p.totals
    from (select c.id, case when n = 0 then 0 else floor(random() * 401)::int end as at,
        array(select k::smallint from generate_series(0, 11) k where random() < 0.4 + c.id * 0) as kinds
      from delivery_cursor c, generate_series(0, 3) n) f
    join place p on p.position = f.at
    on conflict do nothing`;

describe('what waits, as lists and the overview count it in one statement', () => {
  it('is what the rules of cursors count, wherever cursors and filters are', async () => {
    await using database = await createDatabase('postgres');
    const url = database.environment['DATABASE_URL'] ?? '';
    await query(url, stock);
    const pool = openPostgres({ url: new Secret(url), poolSize: 1, onIdleError: () => undefined });
    await using storage = new Storage(pool);
    const ids = (await query(url, 'select id from integration')).map(({ id }) => String(id));
    const expected = new Map(ids.map((id) => [id, 0]));
    for (const { integrationId, waiting } of await storage.deliveries.states('org_a', ids)) {
      expected.set(integrationId, (expected.get(integrationId) ?? 0) + waiting);
    }
    const summaries = await storage.overview.summaries('org_a', ids);
    expect(new Map(ids.map((id) => [id, summaries.get(id)?.waiting]))).toEqual(expected);
    expect(new Set(expected.values()).size).toBeGreaterThan(50);
    const sum = [...expected.values()].reduce((all, each) => all + each, 0);
    expect(await storage.overview.totals('org_a')).toMatchObject({ integrations: 300, waiting: sum });

    await query(
      url,
      `insert into dead_letter (integration_id, organization_id, position, kind, sg_event_id, reason)
      select id, 'org_a', 1, 1, 'event', 'refused' from (
        select id from integration union all select 'intg_ffffffffffff'
      ) existing_and_removed`,
    );
    await query(
      url,
      `insert into organization (id, username, region, segment_integration_limit, data_key)
      values ('org_idle', 'idle', 'global', 100, 'x')`,
    );
    const sample = async () => {
      await storage.transaction(async ({ minutes }) => await minutes.sample());
      return await query(
        url,
        'select organization_id, waiting::int, dead::int from organization_standing order by at',
      );
    };
    const minute = "date_trunc('minute', now())";
    await query(url, `insert into sampled_minute values (${minute}), (${minute} + interval '1 minute')`);
    // another process was first
    expect(await sample()).toEqual([]);
    await query(url, 'delete from sampled_minute');
    // what is idle gets no row
    const first = { organization_id: 'org_a', waiting: sum, dead: 300 };
    expect(await sample()).toEqual([first]);
    // nor does a minute in which nothing has changed, but once a day
    await query(url, "update sampled_minute set at = at - interval '1 minute'");
    await query(url, "update organization_standing set at = at - interval '1 minute'");
    expect(await sample()).toEqual([first]);
    await query(url, "update sampled_minute set at = at - interval '1 day'");
    await query(url, "update organization_standing set at = at - interval '1 day'");
    expect(await sample()).toEqual([first, first]);
    await query(url, "update sampled_minute set at = at - interval '1 minute'");
    await query(url, "update organization_standing set at = at - interval '1 minute'");
    await query(url, 'delete from dead_letter');
    await query(
      url,
      'update delivery_cursor c set position = h.position, totals = h.totals from event_head h',
    );
    expect((await sample()).slice(2)).toEqual([{ organization_id: 'org_a', waiting: 0, dead: 0 }]);
  });
});
