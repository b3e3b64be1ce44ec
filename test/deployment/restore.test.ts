import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { newSendGridKey } from '../../src/core/sendgrid-key.ts';
import { createEmptyDatabase } from '../support/empty-database.ts';
import { temporaryFolder } from '../support/folder.ts';
import { call } from '../support/http.ts';
import { findBinaries } from '../support/postgres-server.ts';
import { runToEnd, startProcess, type TestProcess } from '../support/process.ts';
import { createIntegration } from '../support/tenants.ts';

const run = promisify(execFile);
const path = '/v3/marketing/integrations';
const newMasterKey = () => `k1:${randomBytes(32).toString('base64')}`;

/** The first start: with an integration to be found again. */
async function fill(environment: Readonly<Record<string, string>>, key: string): Promise<unknown> {
  await using process = await startProcess({ ...environment, JACKFIELD_BOOTSTRAP_SENDGRID_KEY: key });
  await createIntegration(process, key);
  const listed = await list(process, key);
  await process.end('SIGTERM');
  return listed;
}

/** Write keys included: they have to be opened for that. */
async function list({ url }: TestProcess, key: string): Promise<unknown> {
  const { status, json } = await call({ url }, 'GET', path, { key });
  expect(status).toBe(200);
  expect(json.result).toHaveLength(1);
  return json;
}

describe('a backup, as docs/operations.md makes and restores it', () => {
  it('of the folder of the embedded database is whole', { timeout: 180_000 }, async () => {
    await using folder = await temporaryFolder();
    const { token: key } = newSendGridKey();
    const original = await fill({ JACKFIELD_DATA_DIR: join(folder.path, 'data') }, key);
    await run('tar', ['-czf', 'jackfield-backup.tar.gz', 'data'], { cwd: folder.path });
    await using elsewhere = await temporaryFolder();
    await run('tar', ['-xpzf', join(folder.path, 'jackfield-backup.tar.gz')], { cwd: elsewhere.path });

    await using restored = await startProcess({ JACKFIELD_DATA_DIR: join(elsewhere.path, 'data') });
    expect(await list(restored, key)).toEqual(original);
    expect(restored.output()).not.toContain('First start');
  });

  it('of PostgreSQL is whole, and of no use without the master keys', { timeout: 180_000 }, async () => {
    await using folder = await temporaryFolder();
    await using source = await createEmptyDatabase();
    await using target = await createEmptyDatabase();
    const masterKey = newMasterKey();
    const { token: key } = newSendGridKey();
    const original = await fill({ DATABASE_URL: source.url, JACKFIELD_MASTER_KEYS: masterKey }, key);
    const dump = join(folder.path, 'dump');
    await run(join(findBinaries(), 'pg_dump'), ['--format=custom', '--file', dump, source.url]);
    await run(join(findBinaries(), 'pg_restore'), ['--exit-on-error', '--dbname', target.url, dump]);

    const other = await runToEnd({ DATABASE_URL: target.url, JACKFIELD_MASTER_KEYS: newMasterKey() });
    expect(other.code).toBe(1);
    expect(other.errors).toContain('master key');
    await using restored = await startProcess({ DATABASE_URL: target.url, JACKFIELD_MASTER_KEYS: masterKey });
    expect(await list(restored, key)).toEqual(original);
    expect(restored.output()).not.toContain('First start');
  });
});
