import type { PostgresPool } from 'kysely';
import { describe, expect, it } from 'vitest';
import { Secret } from '../src/core/secret.ts';
import { EmbeddedPool } from '../src/storage/embedded.ts';
import { openPostgres } from '../src/storage/postgres.ts';
import { Storage } from '../src/storage/storage.ts';
import { startApp } from './support/app.ts';
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

const fill = `insert into event (organization_id, position, kind, accepted_at, sg_event_id, payload)
  select 'org_full', n, n % 12, clock_timestamp(), 'event-' || n, repeat('x', 300) from generate_series(1, ${filled}) n`;

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
    await ask(fill);
    const { events } = await storage.eventLog.read({ ...request, after: 100_000, upTo: filled });
    expect([events.length, events[0]?.position]).toEqual([1_000, 100_001]);
    const settings = await ask(
      "select name, setting from pg_settings where name in ('enable_bitmapscan', 'enable_seqscan', 'jit') order by name",
    );
    expect(settings.map(({ setting }) => setting)).toEqual(['off', 'off', 'off']);
    // the embedded database plans each time anew
    if (kind === 'embedded') return;
    const [prepared] = await ask(
      "select name from pg_prepared_statements where statement like '%from event%order by position%limit $5%'",
    );
    const parameters = `'org_full', 100000, ${filled}, '{${everyKind.join()}}', 1000, null, 10000000`;
    const [explained] = await ask(
      `explain (analyze, buffers, format json) execute "${String(prepared?.['name'])}"(${parameters})`,
    );
    const plan = JSON.stringify(explained);
    expect(plan).not.toMatch(/Seq Scan|Bitmap|"Node Type":"Sort"/);
    expect(Number(/"Shared Hit Blocks":(\d+)/.exec(plan)?.[1])).toBeLessThan(mostBuffers);
  });
});

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
});
