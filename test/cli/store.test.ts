/** Commands that work on the database: beside a running server, after it, and killed in the middle. */

import { randomBytes } from 'node:crypto';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { startApp } from '../support/app.ts';
import { type Environment, runCommand, startCommand, Terminal } from '../support/command.ts';
import { violations } from '../support/command-schema.ts';
import { createDatabase, databaseKinds, type TestDatabase } from '../support/database.ts';
import { createEmptyDatabase } from '../support/empty-database.ts';
import { temporaryFolder } from '../support/folder.ts';
import { call } from '../support/http.ts';
import { startProcess } from '../support/process.ts';
import { hold, query } from '../support/sql.ts';
import { createIntegration } from '../support/tenants.ts';

const newMasterKey = (kid: string) => `${kid}:${randomBytes(32).toString('base64')}`;
const path = '/v3/marketing/integrations';
const writeKey = 'write-key-of-the-store';

/** What a start needs so that no test reaches anything outside. */
const quiet = {
  JACKFIELD_TWILIO_URL: 'http://127.0.0.1:9',
  JACKFIELD_SEGMENT_US_URL: 'http://127.0.0.1:9',
  JACKFIELD_SEGMENT_EU_URL: 'http://127.0.0.1:9',
};
const key = `SG.${'k'.repeat(22)}.${'s'.repeat(43)}`;
const first = { ...quiet, JACKFIELD_BOOTSTRAP_SENDGRID_KEY: key };

async function writeKeyOf(server: { readonly url: string }, id: string): Promise<string> {
  return (await call(server, 'GET', `${path}/${id}`, { key })).json.properties.write_key;
}

/** Has a server store one integration in the database and be gone again. */
async function use(database: TestDatabase, environment: Environment = {}): Promise<string> {
  await using server = await startApp(database.kind, { ...database.environment, ...first, ...environment });
  return await createIntegration(server, key, writeKey);
}

async function run(words: readonly string[], environment: Environment) {
  return await runCommand([...words, '--json'], environment);
}

it('migrate brings an empty database up to date, and then has nothing to do', async () => {
  await using folder = await temporaryFolder();
  await using postgres = await createEmptyDatabase();
  const embedded = { JACKFIELD_DATA_DIR: join(folder.path, 'data') };
  for (const environment of [embedded, postgres.environment]) {
    const { json } = await run(['migrate'], environment);
    expect(violations('migrate', json)).toEqual([]);
    expect(json.applied).toContain('0006-operator-key.sql');
    expect((await run(['migrate'], environment)).json).toEqual({ applied: [] });
  }
});

describe.each(databaseKinds)('on %s', (kind) => {
  it('vault rotate wraps everything under the first master key; the old one is not needed any more', async () => {
    await using database = await createDatabase(kind);
    const [old, fresh] = [newMasterKey('old'), newMasterKey('new')];
    const environment = (keys: readonly string[]) => ({
      ...database.environment,
      JACKFIELD_MASTER_KEYS: keys.join(),
    });
    const id = await use(database, environment([old]));
    const rotated = await run(['vault', 'rotate'], environment([fresh, old]));
    expect(violations('vault rotate', rotated.json)).toEqual([]);
    expect(rotated.json).toEqual({ master_key: 'new', organizations: 1, rewrapped: 1 });
    expect((await run(['vault', 'rotate'], environment([fresh, old]))).json.rewrapped).toBe(0);
    await using server = await startProcess({ ...quiet, ...environment([fresh]) });
    expect(await writeKeyOf(server, id)).toBe(writeKey);
  });

  it('vault rotate changes nothing where a master key is missing, and says so', async () => {
    await using database = await createDatabase(kind);
    const environment = { ...database.environment, JACKFIELD_MASTER_KEYS: newMasterKey('old') };
    await use(database, environment);
    const { code, errors } = await runCommand(['vault', 'rotate'], {
      ...environment,
      JACKFIELD_MASTER_KEYS: newMasterKey('new'),
    });
    expect(code).toBe(1);
    expect(errors).toContain('its master key is not configured');
  });

  it('doctor finds a healthy database, keys that fit, and destinations that do not answer', async () => {
    await using database = await createDatabase(kind);
    await use(database);
    const { code, json } = await run(['doctor'], { ...quiet, ...database.environment });
    expect(violations('doctor', json)).toEqual([]);
    const results = Object.fromEntries(json.checks.map((each: any) => [each.check, each.result]));
    const twilio = json.checks.find((each: any) => each.check === 'Twilio');
    expect(twilio.finding).toBe('HTTP clients do not speak to this port');
    expect(results).toEqual({
      settings: 'ok',
      database: 'ok',
      schema: 'ok',
      'master keys': 'ok',
      clock: 'ok',
      'Segment US': 'failed',
      'Segment EU': 'failed',
      Twilio: 'failed',
    });
    expect(code).toBe(1);
    const wrong = { ...quiet, ...database.environment, JACKFIELD_MASTER_KEYS: newMasterKey('other') };
    const keys = (await run(['doctor'], wrong)).json.checks.find((each: any) => each.check === 'master keys');
    expect(keys.result).toBe('failed');
  });
});

describe('on PostgreSQL', () => {
  // more than a slice of organizations is made first
  const patience = { timeout: 180_000 };

  it(
    'vault rotate that is killed in the middle goes on when it is run again, while a server serves, and shows how far it is',
    patience,
    async () => {
      const [old, fresh] = [newMasterKey('old'), newMasterKey('new')];
      await using app = await startApp('postgres', { JACKFIELD_MASTER_KEYS: `${old},${fresh}` });
      const url = app.database.environment['DATABASE_URL'] ?? '';
      const id = await createIntegration(app, app.key, writeKey);
      // one slice is whole, and the next one begun
      for (let count = 0; count < 119; count += 7) {
        await Promise.all(Array.from({ length: 7 }, async () => await app.app.organizations.create()));
      }
      const [last] = await query(url, 'select id from organization order by user_id desc limit 1');
      const environment = { ...app.database.environment, JACKFIELD_MASTER_KEYS: `${fresh},${old}` };

      const statement = `select from organization where id = '${String(last?.['id'])}' for update`;
      const held = await hold(url, statement);
      const { child, ended } = startCommand(['vault', 'rotate'], environment);
      await vi.waitUntil(async () => (await held.waiters()) > 0, { timeout: 30_000 });
      // what it could take is committed: only the slice that waits is not
      child.kill('SIGKILL');
      await ended;
      // its statement would be finished by the database even without it
      await query(
        url,
        `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`,
      );
      await held[Symbol.asyncDispose]();
      expect((await call(app, 'GET', `${path}/${id}`, { key: app.key })).json.properties.write_key).toBe(
        writeKey,
      );

      const { json } = await run(['vault', 'rotate'], environment);
      expect(json.organizations).toBe(120);
      expect(json.rewrapped).toBe(20);
      expect((await call(app, 'GET', `${path}/${id}`, { key: app.key })).json.properties.write_key).toBe(
        writeKey,
      );
      const kids = await query(
        url,
        `select distinct convert_from(decode(rpad(translate(split_part(data_key, '.', 1), '-_', '+/'),
        (length(split_part(data_key, '.', 1)) + 3) / 4 * 4, '='), 'base64'), 'utf8')::json ->> 'kid' as kid
      from organization`,
      );
      expect(kids).toEqual([{ kid: 'new' }]);

      // and once more, watched: the bar stands at the slice that waits; in a pipe there is none
      const third = {
        ...environment,
        JACKFIELD_MASTER_KEYS: `${newMasterKey('third')},${environment.JACKFIELD_MASTER_KEYS}`,
      };
      const waiting = await hold(url, statement);
      await using terminal = new Terminal(['vault', 'rotate'], third);
      await terminal.until('Wrapping 120 data keys under third');
      await terminal.until('100 wrapped');
      await waiting[Symbol.asyncDispose]();
      expect(await terminal.end()).toEqual({ code: 0, isRestored: true });
      expect(terminal.text).toContain('All 120 data keys are under third; 120 were wrapped anew.');
      const piped = await runCommand(['vault', 'rotate'], third);
      expect(piped.output).toBe('');
      expect(piped.errors.trimEnd().split('\n')).toEqual([
        'All 120 data keys are under third; 0 were wrapped anew.',
      ]);
    },
  );

  it('backup and restore say what to use instead', async () => {
    await using database = await createDatabase('postgres');
    for (const command of ['backup', 'restore']) {
      const { code, errors } = await runCommand([command, 'x.tar.gz'], database.environment);
      expect(code).toBe(2);
      expect(errors).toContain('pg_');
    }
  });

  it('a database that is not there has its own exit code', async () => {
    const environment = {
      DATABASE_URL: 'postgres://127.0.0.1:9/none',
      JACKFIELD_MASTER_KEYS: newMasterKey('k'),
    };
    expect((await runCommand(['migrate'], environment)).code).toBe(3);
  });
});

describe('on the embedded database', () => {
  it('every command that needs the folder is refused while a server runs on it', async () => {
    await using database = await createDatabase('embedded');
    await using server = await startProcess({ ...first, ...database.environment });
    for (const words of [
      ['migrate'],
      ['vault', 'rotate'],
      ['backup', 'never.tar.gz'],
      ['restore', 'package.json'],
    ]) {
      const { code, output, errors } = await runCommand(words, database.environment);
      expect({ words, code, output }).toEqual({ words, code: 9, output: '' });
      expect(errors).toContain('is in use by another Jackfield process');
    }
    const { checks } = (await run(['doctor'], { ...quiet, ...database.environment })).json;
    expect(checks).toContainEqual({
      check: 'database',
      result: 'skipped',
      finding: 'in use by a running Jackfield',
    });
    expect((await call(server, 'GET', '/readyz')).status).toBe(200);
  });

  it('a backup with the master key is restored into an empty folder and opens every credential', async () => {
    await using database = await createDatabase('embedded');
    await using folder = await temporaryFolder();
    const id = await use(database);
    const file = join(folder.path, 'backup.tar.gz');
    const made = await run(['backup', file, '--with-master-key'], database.environment);
    expect(violations('backup', made.json)).toEqual([]);
    expect(made.json).toEqual({ file, has_master_key: true });
    expect((await stat(file)).mode & 0o777).toBe(0o600);

    const environment = { JACKFIELD_DATA_DIR: join(folder.path, 'restored') };
    const restored = await run(['restore', file], environment);
    expect(violations('restore', restored.json)).toEqual([]);
    expect(restored.json.has_master_key).toBe(true);
    await using server = await startProcess({ ...quiet, ...environment });
    expect(await writeKeyOf(server, id)).toBe(writeKey);
    expect(server.output()).not.toContain('First start');
  });

  it('a backup has no master key unless asked for, says so, and is readable once the key is put back', async () => {
    await using database = await createDatabase('embedded');
    await using folder = await temporaryFolder();
    const id = await use(database);
    const file = join(folder.path, 'backup.tar.gz');
    const made = await runCommand(['backup', file], database.environment);
    expect(made.output).toContain('master.key is not inside');

    const dataDir = join(folder.path, 'restored');
    const environment = { JACKFIELD_DATA_DIR: dataDir };
    const restored = await runCommand(['restore', file], environment);
    expect(restored.output).toContain('Put master.key into');
    await expect(stat(join(dataDir, 'master.key'))).rejects.toThrow('ENOENT');
    const masterKey = await readFile(join(database.environment['JACKFIELD_DATA_DIR'] ?? '', 'master.key'));
    await writeFile(join(dataDir, 'master.key'), masterKey);
    await using server = await startProcess({ ...quiet, ...environment });
    expect(await writeKeyOf(server, id)).toBe(writeKey);
  });

  it('neither a file nor a folder that is there is overwritten', async () => {
    await using database = await createDatabase('embedded');
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'backup.tar.gz');
    expect((await runCommand(['backup', file], database.environment)).code).toBe(0);
    const again = await runCommand(['backup', file], database.environment);
    expect(again).toMatchObject({ code: 1, output: '' });
    const nowhere = join(folder.path, 'nowhere', 'backup.tar.gz');
    const lost = await runCommand(['backup', nowhere], database.environment);
    expect(lost.errors).toBe(`${nowhere} is in a folder that does not exist.\n`);
    const over = await runCommand(['restore', file], database.environment);
    expect(over.code).toBe(1);
    expect(over.errors).toContain('is not empty');
  });

  it('what is no backup is refused, and leaves an empty folder empty', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'file');
    await writeFile(file, 'no archive at all');
    const dataDir = join(folder.path, 'data');
    const { code, errors } = await runCommand(['restore', file], { JACKFIELD_DATA_DIR: dataDir });
    expect({ code, errors }).toEqual({ code: 1, errors: `${file} is no backup of Jackfield.\n` });
    await expect(stat(join(dataDir, 'db'))).rejects.toThrow('ENOENT');
    await rm(dataDir, { recursive: true });
  });

  it('doctor does not make a master key where it is lost', async () => {
    await using database = await createDatabase('embedded');
    await use(database);
    const file = join(database.environment['JACKFIELD_DATA_DIR'] ?? '', 'master.key');
    await rm(file);
    const { json } = await run(['doctor'], { ...quiet, ...database.environment });
    expect(json.checks).toContainEqual(expect.objectContaining({ check: 'master keys', result: 'failed' }));
    await expect(stat(file)).rejects.toThrow('ENOENT');
  });
});
