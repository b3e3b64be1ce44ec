import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { newSendGridKey } from '../src/core/sendgrid-key.ts';
import { EmbeddedPool } from '../src/storage/embedded.ts';
import { createDatabase, databaseKinds } from './support/database.ts';
import { call } from './support/http.ts';
import { Ledger } from './support/ledger.ts';
import { startProcess, type TestProcess } from './support/process.ts';
import { createRandom, testSeed } from './support/random.ts';
import { createIntegration, createTenant } from './support/tenants.ts';

const kills = Number(process.env['JACKFIELD_TEST_KILLS'] ?? 3);
const clients = 8;
/** Each round starts a process, and synced writes are slow on a busy disk. */
const timeout = (kills + 1) * 60_000;

describe.each(databaseKinds)('on %s', (kind) => {
  it(`keeps every answered change through ${kills} kill -9 under load (seed ${testSeed})`, {
    timeout,
  }, async () => {
    const random = createRandom(testSeed);
    await using database = await createDatabase(kind);
    const key = newSendGridKey().token;
    const start = async () =>
      await startProcess({
        ...database.environment,
        JACKFIELD_BOOTSTRAP_SENDGRID_KEY: key,
        JACKFIELD_SEGMENT_INTEGRATION_LIMIT: '100000',
      });
    await using processes = new AsyncDisposableStack();
    let running = processes.use(await start());
    const ledgers: Ledger[] = [];
    for (let i = 0; i < clients; i++) {
      const tenant = await createTenant({ url: running.url, key });
      const ledger = new Ledger(tenant.key, createRandom(testSeed + i));
      await ledger.open(running);
      ledgers.push(ledger);
    }
    for (let kill = 0; kill < kills; kill++) {
      await killUnderLoad(running, ledgers, 40 + random.below(150));
      running = processes.use(await start());
      for (const ledger of ledgers) await ledger.settle(running);
    }
    const total = (of: 'kept' | 'gone') => ledgers.reduce((sum, ledger) => sum + ledger.size[of], 0);
    expect(total('kept')).toBeGreaterThan(clients);
    expect(total('gone')).toBeGreaterThan(0);
  });
});

/** All clients at once, each one request after another, until the process is killed at one of the answers. */
async function killUnderLoad(app: TestProcess, ledgers: readonly Ledger[], answers: number): Promise<void> {
  let left = answers;
  const work = async (ledger: Ledger) => {
    while (!app.child.killed) {
      try {
        await ledger.change(app);
      } catch (error) {
        // what cannot be answered any more; everything else is a finding
        if (app.child.killed && error instanceof TypeError) return;
        throw error;
      }
      left -= 1;
      if (left === 0) app.child.kill('SIGKILL');
    }
  };
  await Promise.all(ledgers.map(work));
  expect(await app.end('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
}

describe('the embedded database', () => {
  it('runs PostgreSQL with every setting that durability rests on', async () => {
    await using database = await createDatabase('embedded');
    const dataDir = database.environment['JACKFIELD_DATA_DIR'] ?? '';
    const pool = await EmbeddedPool.open({
      dataDir,
      durable: true,
      onCrash: () => undefined,
      onMaintenanceError: () => undefined,
    });
    const client = await pool.connect();
    const { rows } = await client.query<{ name: string; setting: string }>(
      `select name, setting from pg_settings
      where name in ('fsync', 'synchronous_commit', 'full_page_writes', 'wal_sync_method') order by name`,
      [],
    );
    client.release();
    await pool.end();
    expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
      fsync: 'on',
      full_page_writes: 'on',
      synchronous_commit: 'on',
      wal_sync_method: 'fsync',
    });
  });

  it('has its log on the disk before it answers a change, and syncs nothing for a read', async () => {
    await using database = await createDatabase('embedded');
    const dataDir = database.environment['JACKFIELD_DATA_DIR'] ?? '';
    const countFile = join(dataDir, 'fsync-count');
    const preload = fileURLToPath(new URL('./support/count-fsync.ts', import.meta.url));
    const key = newSendGridKey().token;
    await using app = await startProcess({
      ...database.environment,
      NODE_OPTIONS: `--import ${preload}`,
      FSYNC_COUNT_FILE: countFile,
      JACKFIELD_BOOTSTRAP_SENDGRID_KEY: key,
    });
    const syncedDuring = async (request: () => Promise<unknown>) => {
      const before = await synced(countFile);
      await request();
      return (await synced(countFile)).slice(before.length);
    };
    const write = async () => await createIntegration(app, key);
    const read = async () => await call(app, 'GET', '/v3/marketing/integrations', { key });

    for (let i = 0; i < 5; i++) {
      const files = await syncedDuring(write);
      const log = await walFiles(dataDir);
      expect(files.filter((file) => log.includes(file))).not.toEqual([]);
    }
    // not each of them: when keys were last used is written now and then
    const reads = [await syncedDuring(read), await syncedDuring(read), await syncedDuring(read)];
    expect(reads).toContainEqual([]);
  });
});

/** The inode of each file synced so far, in order. */
async function synced(countFile: string): Promise<readonly string[]> {
  return (await readFile(countFile, 'utf8')).split('\n').slice(0, -1);
}

async function walFiles(dataDir: string): Promise<readonly string[]> {
  const folder = join(dataDir, 'db', 'pg_wal');
  const names = await readdir(folder);
  return await Promise.all(names.map(async (name) => String((await stat(join(folder, name))).ino)));
}
