import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newRoleKey } from '../../../src/core/role-key.ts';
import { startApp } from '../../support/app.ts';
import { type ButterClient, butterCall, createTwilio, twilioBody } from '../../support/butter.ts';
import { createDatabase } from '../../support/database.ts';
import { startProcess } from '../../support/process.ts';
import { query } from '../../support/sql.ts';

const keys = '/api/api-keys';
const once = (key: string) => ({ headers: { 'idempotency-key': key } });

async function createKey(client: ButterClient, key: string, name = 'Sealed away') {
  return await butterCall(client, 'POST', keys, { json: { name, role: 'user' }, ...once(key) });
}

describe('a kept answer', () => {
  it('lies sealed in PostgreSQL', async () => {
    await using app = await startApp('postgres');
    const { raw_key } = (await createKey(app, 'one')).json;
    const url = app.database.environment['DATABASE_URL'] ?? '';
    const rows = await query(url, 'select t::text as row from idempotency_key t');
    expect(rows).toHaveLength(1);
    const text = String(rows[0]?.['row']);
    expect(text).toContain('one');
    for (const open of [raw_key, raw_key.slice('bk_live_'.length), 'Sealed away'])
      expect(text).not.toContain(open);
  });

  it('lies sealed in the files of the embedded database', async () => {
    const database = await createDatabase('embedded');
    const client = { roleKey: newRoleKey().token, organizationId: 'org_files' };
    const running = await startProcess({
      ...database.environment,
      JACKFIELD_BOOTSTRAP_API_KEY: client.roleKey,
      JACKFIELD_BOOTSTRAP_ORGANIZATION_ID: client.organizationId,
    });
    const { raw_key } = (await createKey({ ...client, url: running.url }, 'key-in-clear')).json;
    await running.end('SIGTERM');
    const files = await readFolder(database.environment['JACKFIELD_DATA_DIR'] ?? '');
    await database[Symbol.asyncDispose]();
    // proof that the search sees what is stored in clear: the key's public part among it
    for (const open of ['key-in-clear', raw_key.slice(8, 24)]) expect(files.includes(open)).toBe(true);
    for (const secret of [raw_key, raw_key.slice(24)]) expect(files.includes(secret)).toBe(false);
  });

  it('is bound to its place: moved to another key it opens for nobody', async () => {
    await using app = await startApp('postgres');
    const url = app.database.environment['DATABASE_URL'] ?? '';
    const first = await createKey(app, 'mine');
    expect(first.status).toBe(201);
    await query(url, "update idempotency_key set key = 'theirs'");
    const moved = await createKey(app, 'theirs');
    expect(moved.status).toBe(500);
    expect(moved.text).not.toContain(first.json.raw_key);
  });

  it('is forgotten after 24 h, and not before', async () => {
    await using app = await startApp('postgres');
    const url = app.database.environment['DATABASE_URL'] ?? '';
    const age = async (interval: string) =>
      await query(url, `update idempotency_key set created_at = clock_timestamp() - interval '${interval}'`);
    const first = await createKey(app, 'old');
    await age('23 hours 59 minutes');
    expect((await createKey(app, 'old')).text).toBe(first.text);
    await age('24 hours 1 second');
    // nothing of the old request counts any more, so another one may take the key
    const second = await createKey(app, 'old', 'Another name');
    expect([second.status, second.headers.get('idempotency-replayed')]).toEqual([201, null]);
    expect(second.json.raw_key).not.toBe(first.json.raw_key);
    expect((await createKey(app, 'old', 'Another name')).text).toBe(second.text);
  });

  it('is one and the same for two processes that are asked at once', async () => {
    await using database = await createDatabase('postgres');
    const client = { roleKey: newRoleKey().token, organizationId: 'org_two' };
    const environment = {
      ...database.environment,
      JACKFIELD_BOOTSTRAP_API_KEY: client.roleKey,
      JACKFIELD_BOOTSTRAP_ORGANIZATION_ID: client.organizationId,
      JACKFIELD_TWILIO_URL: 'http://127.0.0.1:9',
    };
    await using one = await startProcess(environment);
    await using two = await startProcess(environment);
    const clients = [one, two].map(({ url }) => ({ ...client, url }));
    const [first] = clients;
    if (first === undefined) throw new Error('no process');
    const bulk = { integration_ids: [await createTwilio(first), await createTwilio(first)] };
    for (const [path, json] of [
      ['/api/integrations', twilioBody()],
      [keys, { name: 'Once', role: 'user' }],
      ['/api/integrations/bulk-delete', bulk],
    ] as const) {
      const ask = clients.map(
        (each) => async () => await butterCall(each, 'POST', path, { json, ...once('together') }),
      );
      const answers = await Promise.all(Array.from({ length: 10 }, () => ask.map((call) => call())).flat());
      expect(answers[0]?.status).toBeLessThan(300);
      expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
      const fresh = answers.filter(({ headers }) => headers.get('idempotency-replayed') === null);
      expect(fresh).toHaveLength(1);
    }
    const total = async (path: string) => (await butterCall(first, 'GET', path)).json;
    expect((await total('/api/integrations')).pagination.total_count).toBe(1);
    expect((await total(keys)).data).toHaveLength(2);
  });
});

/** Every file of the data folder but the master key, as bytes: write-ahead log and dead rows included. */
async function readFolder(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name !== 'master.key');
  const texts = await Promise.all(
    files.map(async (file) => await readFile(join(file.parentPath, file.name), 'latin1')),
  );
  return texts.join('\n');
}
