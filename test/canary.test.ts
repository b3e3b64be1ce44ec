/** Planted secrets must appear nowhere but where the contract shows them. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { startApp, type TestApp } from './support/app.ts';
import { databaseKinds } from './support/database.ts';
import { call } from './support/http.ts';
import { segmentBody } from './support/tenants.ts';

const canary = 'CANARYwriteKey0123456789';
const replaced = 'CANARYreplacedKey012345';
const password = 'CANARYpassword0123456789';

describe.each(databaseKinds)('on %s', (kind) => {
  it('a write key, a password and an API key leave no trace outside their answers', async () => {
    const app = await startApp(kind);
    const path = '/v3/marketing/integrations';
    const { key } = app;
    const json = { ...segmentBody(canary), label: 'x' };
    const created = await call(app, 'POST', path, { key, json });
    expect(created.text).toContain(canary);
    const at = `${path}/${created.json.integration_id}`;
    const properties = { write_key: replaced };
    expect((await call(app, 'PATCH', at, { key, json: { properties } })).text).toContain(replaced);

    const quiet = [
      await call(app, 'POST', path, { key, json: { ...json, properties: { write_key: canary.repeat(5) } } }),
      await call(app, 'POST', path, { key, json: { ...json, label: 5, destination: canary } }),
      await call(app, 'POST', path, {
        key,
        headers: { 'content-type': 'application/json' },
        body: `{"write_key":"${canary}`,
      }),
      await call(app, 'POST', path, { key, headers: { 'content-type': 'text/plain' }, body: canary }),
      await call(app, 'GET', `/v3/scopes?write_key=${canary}`, { key }),
      await call(app, 'POST', '/v3/subusers', {
        key,
        json: { username: 'u', email: 'a@example.com', password, ips: [] },
      }),
      await call(app, 'GET', '/v3/scopes', { key: `SG.${'c'.repeat(22)}.${canary.padEnd(43, 'x')}` }),
      await call(app, 'DELETE', `${path}?ids=${created.json.integration_id}&dry_run=true`, { key }),
      await call(app, 'DELETE', `${path}?ids=${created.json.integration_id}`, { key }),
      await call(app, 'GET', '/metrics'),
    ];
    const answers = quiet.map((answer) => answer.text + JSON.stringify([...answer.headers])).join('\n');
    const rows = kind === 'postgres' ? await dumpDatabase(app) : '';
    const remaining = kind === 'postgres' ? await countCredentials(app) : 0;
    await app.app.stop();
    const files = kind === 'embedded' ? await readFolder(app) : '';
    const log = app.logLines.join('\n');
    await app[Symbol.asyncDispose]();

    expect(remaining).toBe(0);
    expect(log).toContain('"route":"/v3/marketing/integrations"');
    // proof that the search sees what is stored in clear
    expect(rows + files).toContain('a@example.com');
    for (const secret of [canary, replaced, password, key.slice(26)]) {
      for (const text of [answers, log, rows, files]) expect(text.includes(secret)).toBe(false);
    }
  });
});

/** Every row of every table, as text. */
async function dumpDatabase(app: TestApp): Promise<string> {
  return await withClient(app, async (client) => {
    const tables = await client.query(
      "select table_name from information_schema.tables where table_schema = 'public'",
    );
    const dumps = [];
    for (const { table_name } of tables.rows) {
      dumps.push(JSON.stringify((await client.query(`select t::text as row from "${table_name}" t`)).rows));
    }
    return dumps.join('\n');
  });
}

async function countCredentials(app: TestApp): Promise<number> {
  const { rows } = await withClient(app, async (client) => await client.query('select from credential'));
  return rows.length;
}

async function withClient<T>(app: TestApp, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: app.database.environment['DATABASE_URL'] });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Every file of the data folder but the master key, as bytes: write-ahead log and dead rows included. */
async function readFolder(app: TestApp): Promise<string> {
  const folder = app.database.environment['JACKFIELD_DATA_DIR'] ?? '';
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name !== 'master.key');
  const texts = await Promise.all(
    files.map(async (file) => await readFile(join(file.parentPath, file.name), 'latin1')),
  );
  return texts.join('\n');
}
