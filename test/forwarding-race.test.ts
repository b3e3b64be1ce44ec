import { expect, it } from 'vitest';
import { DeliveryRace, type Steered } from './support/delivery-race.ts';
import { act, createSegment, deliveryOf, newEventIds, postEvents, until } from './support/forwarding.ts';
import { silent } from './support/hostile-sink.ts';
import { createRandom, testSeed } from './support/random.ts';
import { deadlocks, hold, query } from './support/sql.ts';
import { Workers } from './support/workers.ts';

const rounds = Number(process.env['JACKFIELD_TEST_DELIVERY_ROUNDS'] ?? 12);
const lanes = 8;

/** What waits for each live cursor and its replays, counted event by event instead of by totals. */
const waiting = `
  select c.integration_id, count(*)::int as waiting
  from delivery_cursor c
  join event e on e.organization_id = c.organization_id and e.position > c.position
    and (c.end_position is null or e.position <= c.end_position)
    and (c.only_positions is null or e.position = any (c.only_positions))
  where e.kind = any ((
    select f.kinds from cursor_filter f where f.cursor_id = c.id and f.from_position < e.position
    order by f.from_position desc limit 1)::smallint[])
  group by c.integration_id`;

/** The same for what was removed, unfinished replays included: as said then, and as it stands in the log. */
const undelivered = `
  select r.integration_id, r.undelivered::int as said, cardinality(r.dead_positions) + (
    select count(*)::int from dead_letter d where d.integration_id = r.integration_id and d.discarded_at is null
  ) + (
    select count(*)::int
    from (
      select r.position as after, r.end_position as up_to, r.filters as spans
      union all
      select (p -> 0)::bigint, (p -> 1)::bigint, p -> 4 from jsonb_array_elements(r.replays) p
    ) as left_over
    join event e on e.organization_id = r.organization_id and e.position > after and e.position <= up_to
    where e.kind in (
      select k::int from jsonb_array_elements_text((
        select s -> 1 from jsonb_array_elements(spans) s where (s -> 0)::bigint < e.position
        order by (s -> 0)::bigint desc limit 1)) k)) as counted
  from removed_cursor r`;

/** What the filters of each live integration wanted, and that could be sent. */
const wanted = `
  select c.integration_id, array_agg(e.sg_event_id) as ids
  from delivery_cursor c join event e on e.organization_id = c.organization_id
  where c.kind = 'live' and e.sg_event_id not like '%unusable' and e.kind = any ((
    select f.kinds from cursor_filter f where f.cursor_id = c.id and f.from_position < e.position
    order by f.from_position desc limit 1)::smallint[])
  group by c.integration_id`;

it(`pauses, replays, filters, keys, retries and deletes that meet leave every balance exact (seed ${testSeed})`, {
  timeout: 60_000 + rounds * 20_000,
}, async () => {
  const random = createRandom(testSeed);
  await using workers = await Workers.prepare();
  const { sink, databaseUrl } = workers;
  const running = await Promise.all([workers.start(), workers.start()]);
  const race = new DeliveryRace(running, random);
  const steered: Steered[] = [];
  for (let lane = 0; lane < lanes; lane++) steered.push(await race.create());
  await Promise.all(
    steered.map(async (first) => {
      let own = first;
      for (let round = 0; round < rounds; round++) {
        for (let step = 0; step < 3; step++) await race.step();
        if (random.chance(0.7)) await race.steer(own);
        else {
          const gone = own;
          own = await race.create();
          await race.remove(gone);
        }
      }
    }),
  );

  for (const each of race.present) await race.pause(each);
  const counts = new Map(
    (await query(databaseUrl, waiting)).map((row) => [row['integration_id'], row['waiting']]),
  );
  for (const { id } of race.present) {
    expect((await deliveryOf(running[0], id)).waiting_events).toBe(counts.get(id) ?? 0);
  }
  for (const row of await query(databaseUrl, undelivered)) {
    expect([row['integration_id'], row['said']]).toEqual([row['integration_id'], row['counted']]);
  }
  expect(race.removed.length).toBeGreaterThan(0);

  for (const each of race.present) await race.resume(each);
  await until(async () => {
    for (const { id } of race.present) {
      expect(await deliveryOf(running[1], id)).toMatchObject({ waiting_events: 0, replays: 0 });
    }
  });
  expect(race.outOfTime(sink.requests)).toEqual([]);
  const wishes = new Map(
    (await query(databaseUrl, wanted)).map((row) => [row['integration_id'], row['ids'] as string[]]),
  );
  for (const { id, name } of race.present) {
    const taken = new Set(
      sink.requests
        .filter(({ writeKey, status }) => writeKey.split('#')[0] === name && status === 200)
        .flatMap(({ events }) => events.map((event) => event.id)),
    );
    expect((wishes.get(id) ?? []).filter((wish) => !taken.has(wish))).toEqual([]);
    expect([...taken.difference(new Set(race.posted))]).toEqual([]);
  }
  for (const { process } of running) {
    expect(process.output()).not.toContain('forwarding failed');
    expect(await process.end('SIGTERM')).toEqual({ code: 0, signal: null });
  }
  expect(await deadlocks(databaseUrl)).toBe(0);
});

it('a pause also holds a replay that was about to begin when it came', async () => {
  await using workers = await Workers.prepare();
  const { sink, databaseUrl } = workers;
  const worker = await workers.start();
  sink.conducts.set('replayed', silent);
  const id = await createSegment(worker, { writeKey: 'replayed' });
  await postEvents(worker, newEventIds('replayed', 3));
  await until(() => expect(sink.requests).toHaveLength(1));
  const lock = await hold(databaseUrl, 'lock table audit_entry in exclusive mode');
  const replay = act(worker, `/api/integrations/${id}/replay`, { from: '2020-01-01T00:00:00Z' });
  await until(async () => expect(await lock.waiters()).toBe(1));
  const pause = act(worker, `/api/integrations/${id}/pause`);
  await until(async () => expect(await lock.waiters()).toBe(2));
  await lock[Symbol.asyncDispose]();
  await Promise.all([replay, pause]);
  expect(await query(databaseUrl, 'select kind, paused from delivery_cursor order by kind')).toEqual([
    { kind: 'live', paused: true },
    { kind: 'replay', paused: true },
  ]);
});
