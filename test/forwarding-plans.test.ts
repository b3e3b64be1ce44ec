import type { PostgresPool } from 'kysely';
import { describe, expect, it } from 'vitest';
import { Secret } from '../src/core/secret.ts';
import type { SliceRequest } from '../src/eventlog/event-log.ts';
import { EmbeddedPool } from '../src/storage/embedded.ts';
import { openPostgres } from '../src/storage/postgres.ts';
import { Storage } from '../src/storage/storage.ts';
import { startApp } from './support/app.ts';
import { butterCall } from './support/butter.ts';
import { createDatabase, type DatabaseKind, databaseKinds } from './support/database.ts';
import {
  createSegment,
  deliveryOf,
  newEventIds,
  postWebhook,
  sourceId,
  until,
  webhookOf,
} from './support/forwarding.ts';
import { HostileSink } from './support/hostile-sink.ts';
import { query } from './support/sql.ts';

const filled = 200_000;
/** A slice of a thousand in the order of the index; all of the table would be some ten thousand. */
const mostBuffers = 500;
const everyKind = Array.from({ length: 12 }, (_, kind) => kind);
const dayMs = 24 * 60 * 60 * 1_000;

const fillWith = (
  events: number,
) => `insert into event (organization_id, position, kind, accepted_at, sg_event_id, payload)
  select 'org_full', n, n % 12, clock_timestamp(), 'event-' || n, repeat('x', 300) from generate_series(1, ${events}) n`;

async function openPool(
  kind: DatabaseKind,
  environment: Readonly<Record<string, string>>,
): Promise<PostgresPool> {
  if (kind === 'postgres') {
    const url = new Secret(environment['DATABASE_URL'] ?? '');
    return openPostgres({ url, poolSize: 1, onIdleError: () => undefined });
  }
  const ignore = () => undefined;
  const dataDir = environment['JACKFIELD_DATA_DIR'] ?? '';
  return await EmbeddedPool.open({ dataDir, durable: true, onCrash: ignore, onMaintenanceError: ignore });
}

describe.each(databaseKinds)('reading a slice of the log on %s', (kind) => {
  it('follows the index on a full table, though the table was empty, and known to be, when the statement was prepared', async () => {
    await using database = await createDatabase(kind);
    const pool = await openPool(kind, database.environment);
    await using storage = new Storage(pool);
    for (let day = 0; day < 8; day++)
      await storage.retention.createPartition(new Date(Date.now() + day * dayMs));
    const ask = async (sql: string) => {
      const client = await pool.connect();
      const { rows } = await client.query<Record<string, unknown>>(sql, []);
      client.release();
      return rows;
    };
    await ask('vacuum analyze');
    const request = {
      organizationId: 'org_full',
      kinds: everyKind,
      only: null,
      limit: 1_000,
      mostBytes: 10_000_000,
    };
    // often enough that a plan is kept, whatever the parameters are
    for (let time = 0; time < 12; time++) await storage.eventLog.read({ ...request, after: 0, upTo: 100 });
    await ask(fillWith(filled));
    const { events } = await storage.eventLog.read({ ...request, after: 100_000, upTo: filled });
    expect([events.length, events[0]?.position]).toEqual([1_000, 100_001]);
    const settings = await ask(
      "select name, setting from pg_settings where name in ('enable_bitmapscan', 'enable_seqscan', 'jit') order by name",
    );
    expect(settings.map(({ setting }) => setting)).toEqual(['off', 'off', 'off']);
    // the embedded database plans each time anew
    if (kind === 'embedded') return;
    const parameters = `'org_full', 100000, ${filled}, '{${everyKind.join()}}', 1000, 10000000`;
    expect(await buffersOf(ask, 'order by position%limit $5', parameters)).toBeLessThan(mostBuffers);
  });

  it('looks only so far at once where nothing is wanted, and finds single events one by one', async () => {
    await using database = await createDatabase(kind);
    const pool = await openPool(kind, database.environment);
    await using storage = new Storage(pool);
    await storage.retention.createPartition(new Date());
    const ask = async (sql: string) => {
      const client = await pool.connect();
      const { rows } = await client.query<Record<string, unknown>>(sql, []);
      client.release();
      return rows;
    };
    await ask(fillWith(20_000));
    const request = { organizationId: 'org_full', kinds: everyKind, only: null, limit: 3, mostBytes: 1_000 };
    const read = async (more: Partial<SliceRequest>) => {
      const { events, upTo } = await storage.eventLog.read({
        ...request,
        after: 0,
        upTo: 1_000_000,
        ...more,
      });
      return [events.map(({ position }) => position), upTo];
    };
    // where the next one may look goes on from there
    expect(await read({ kinds: [12] })).toEqual([[], 200_000]);
    expect(await read({ kinds: [12], after: 900_000 })).toEqual([[], 1_000_000]);
    expect(await read({ kinds: [0] })).toEqual([[12, 24, 36], 36]);

    const only = [19_999, 10_000, 7, 5, 300_000];
    expect(await read({ only })).toEqual([[5, 7, 10_000], 10_000]);
    expect(await read({ only, after: 10_000 })).toEqual([[19_999], 1_000_000]);
    expect(await read({ only, after: 300_000 })).toEqual([[], 1_000_000]);
    expect(await read({ only, upTo: 6 })).toEqual([[5], 6]);
    // the second of them begins beyond the bytes
    expect(await read({ only, mostBytes: 300 })).toEqual([[5], 5]);
    if (kind === 'embedded') return;
    const parameters = `'org_full', '{5,7,10000,19999}', '{${everyKind.join()}}', 10000000`;
    expect(await buffersOf(ask, 'position = any%order by position%', parameters)).toBeLessThan(50);
  });
});

describe.each(databaseKinds)('looking for an event by its id on %s', (kind) => {
  it('asks the index of each ten minutes in which there was any, and reads no other event', async () => {
    await using database = await createDatabase(kind);
    const pool = await openPool(kind, database.environment);
    await using storage = new Storage(pool);
    const ask = async (sql: string) => {
      const client = await pool.connect();
      const { rows } = await client.query<Record<string, unknown>>(sql, []);
      client.release();
      return rows;
    };
    const days = 7;
    for (let day = 0; day <= days; day++)
      await storage.retention.createPartition(new Date(Date.now() - day * dayMs));
    const perMinute = 50;
    const minutes = 100;
    await ask(`insert into organization (id, username, region, segment_integration_limit, data_key)
      values ('org_full', 'full', 'global', 10, ''), ('org_other', 'other', 'global', 10, '')`);
    // every 100 minutes, up to now
    const at = `clock_timestamp() - (n / ${perMinute}) * interval '100 minutes'`;
    await ask(`insert into event (organization_id, position, kind, accepted_at, sg_event_id, payload)
      select o, ${perMinute * minutes} - n, 5, ${at}, 'event-' || n, repeat('x', 300)
      from generate_series(0, ${perMinute * minutes - 1}) n, unnest('{org_full,org_other}'::text[]) o`);
    // beside minutes in which nothing came in, which are not asked
    await ask(`insert into organization_minute (organization_id, at, received)
      select distinct organization_id, date_trunc('minute', accepted_at) + back * interval '10 minutes',
        array_fill(case back when 0 then 1 else 0 end::bigint, array[14])
      from event, generate_series(0, 9) back`);
    const found = async (id: string) =>
      (await storage.deliveryLog.occurrences('org_full', id)).map(({ position }) => position);
    for (const n of [0, 333, perMinute * minutes - 1])
      expect([n, await found(`event-${n}`)]).toEqual([n, [perMinute * minutes - n]]);
    expect(await found('event')).toEqual([]);
    await ask("update event set sg_event_id = 'repeated' where position % 200 = 3");
    const repeated = Array.from({ length: 20 }, (_, nth) => nth * 200 + 3);
    expect(await found('repeated')).toEqual(repeated);
    if (kind === 'embedded') return;
    // some to go down the index for each ten minutes
    const most = minutes * 12;
    expect(await buffersOf(ask, 'date_bin%order by position%', "'org_full', 'event-333'")).toBeLessThan(most);
  });
});

/** How many buffers a statement that was prepared takes, by an index alone. */
async function buffersOf(
  ask: (sql: string) => Promise<readonly Record<string, unknown>[]>,
  like: string,
  parameters: string,
): Promise<number> {
  const [prepared] = await ask(
    `select name from pg_prepared_statements where statement like '%from event%${like}%'`,
  );
  const name = String(prepared?.['name']);
  const [explained] = await ask(`explain (analyze, buffers, format json) execute "${name}"(${parameters})`);
  const plan = JSON.stringify(explained);
  expect(plan).not.toMatch(/Seq Scan|Bitmap/);
  if (like.includes('limit')) expect(plan).not.toContain('"Node Type":"Sort"');
  return Number(/"Shared Hit Blocks":(\d+)/.exec(plan)?.[1]);
}

/** What PostgreSQL counted of the log and of the cursors; sessions report when they end. */
async function counted(url: string) {
  const [log] = await query(
    url,
    `select coalesce(sum(seq_tup_read), 0)::int as passed, coalesce(sum(idx_tup_fetch), 0)::int as fetched
    from pg_stat_user_tables where relname like 'event\\_2%'`,
  );
  const [cursors] = await query(
    url,
    "select n_tup_upd::int as updated from pg_stat_user_tables where relname = 'delivery_cursor'",
  );
  return {
    passed: Number(log?.['passed']),
    fetched: Number(log?.['fetched']),
    updated: Number(cursors?.['updated']),
  };
}

describe('an integration that wants little', () => {
  it('looks at no event that it does not want, wake-up after wake-up, and an idle one is not touched', async () => {
    await using sink = await HostileSink.start();
    await using database = await createDatabase('postgres');
    const url = database.environment['DATABASE_URL'] ?? '';
    const waves = 20;
    {
      await using app = await startApp('postgres', {
        ...database.environment,
        JACKFIELD_SEGMENT_US_URL: sink.url,
        JACKFIELD_BOOTSTRAP_SOURCE_ID: sourceId,
      });
      const id = await createSegment(app, { writeKey: 'wants little' });
      for (let wave = 0; wave < waves; wave++) {
        await postWebhook(app, webhookOf(newEventIds(`unwanted-${wave}`, 200), 'click'));
        await until(async () => {
          const [cursor] = await query(url, 'select position::int as position from delivery_cursor');
          expect(cursor?.['position']).toBe((wave + 1) * 200);
        });
      }
      expect(await deliveryOf(app, id)).toMatchObject({ waiting_events: 0 });
    }
    await until(async () => expect((await counted(url)).updated).toBeGreaterThan(0));
    const after = await counted(url);
    // of 4,000 events not one was looked at
    expect(after).toMatchObject({ passed: 0, fetched: 0 });
    // claimed, moved and let go of, once a wave, or somewhat more where a wave met a claim
    expect(after.updated).toBeLessThan(waves * 10);
    {
      await using app = await startApp('postgres', database.environment);
      const before = await query(url, 'select xmin::text, generation::int from delivery_cursor');
      const asked = async () =>
        Number(
          (
            await query(url, 'select xact_commit from pg_stat_database where datname = current_database()')
          )[0]?.['xact_commit'],
        );
      const start = await asked();
      // several looks of the forwarder
      await until(async () => expect(await asked()).toBeGreaterThan(start + 10));
      expect(await query(url, 'select xmin::text, generation::int from delivery_cursor')).toEqual(before);
      expect(app.logLines.filter((line) => line.includes('forwarding failed'))).toEqual([]);
    }
    expect(sink.requests).toEqual([]);
  });

  it('moves on through a stretch in which nothing is wanted, part by part', async () => {
    await using sink = await HostileSink.start();
    await using database = await createDatabase('postgres');
    const url = database.environment['DATABASE_URL'] ?? '';
    await using app = await startApp('postgres', {
      ...database.environment,
      JACKFIELD_SEGMENT_US_URL: sink.url,
      JACKFIELD_BOOTSTRAP_SOURCE_ID: sourceId,
    });
    const id = await createSegment(app, { writeKey: 'wants one' });
    // a million that nobody wants need not be there to be passed by
    await query(url, 'update event_head set position = position + 1000000');
    await postWebhook(app, webhookOf(['wanted']));
    await until(() => expect(sink.taken('wants one')).toEqual(['wanted']));
    await until(async () => expect(await deliveryOf(app, id)).toMatchObject({ waiting_events: 0 }));
    const [cursor] = await query(url, 'select position::int as position from delivery_cursor');
    expect(cursor?.['position']).toBe(1_000_001);
  });
});

describe('following an event', () => {
  it('reads only as far as it tells, however often an id came in, and no other organization with it', async () => {
    await using database = await createDatabase('postgres');
    const url = database.environment['DATABASE_URL'] ?? '';
    {
      await using app = await startApp('postgres', database.environment);
      const minute = `${new Date().toISOString().slice(0, 16)}Z`;
      await query(
        url,
        `insert into event (organization_id, position, kind, accepted_at, sg_event_id, payload)
        select organization, n, 0, '${minute}', 'often', '{}'
        from unnest(array['${app.organizationId}', 'org_other']) organization, generate_series(1, 20000) n`,
      );
      await query(
        url,
        `insert into organization_minute (organization_id, at, received)
        values ('${app.organizationId}', '${minute}', array_fill(1::bigint, array[14]))`,
      );
      const { json } = await butterCall(app, 'GET', '/api/events/often');
      expect(json.data).toMatchObject({ event: 'drop', received: 20 });
    }
    await until(async () => expect((await counted(url)).fetched).toBeGreaterThan(0));
    expect(await counted(url)).toMatchObject({ passed: 0, fetched: 20 });
  });
});
