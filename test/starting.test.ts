import { hash } from 'node:crypto';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { newOperatorKey } from '../src/core/operator-key.ts';
import { newRoleKey } from '../src/core/role-key.ts';
import { newSendGridKey } from '../src/core/sendgrid-key.ts';
import { createDatabase, databaseKinds } from './support/database.ts';
import { createEmptyDatabase } from './support/empty-database.ts';
import { temporaryFolder } from './support/folder.ts';
import { call } from './support/http.ts';
import { runToEnd, startProcess, startWithNpm, type TestProcess } from './support/process.ts';
import { type Held, hold, query } from './support/sql.ts';
import { createIntegration } from './support/tenants.ts';

const firstKeyForm = /^Its SendGrid-style API key, shown only this once: (SG\.\S+)$/gm;

function keysShown(output: string): readonly string[] {
  return [...output.matchAll(firstKeyForm)].map((match) => match[1] ?? '');
}

async function statusWith(key: string | undefined, app: { readonly url: string }): Promise<number> {
  return (await call(app, 'GET', '/v3/scopes', { key })).status;
}

const operatorKeyForm = /^The operator key, shown only this once: (jfop_\S+)$/gm;

function operatorKeysShown(output: string): readonly string[] {
  return [...output.matchAll(operatorKeyForm)].map((match) => match[1] ?? '');
}

async function operatorStatus(app: { readonly url: string }, key: string): Promise<number> {
  return (await call(app, 'GET', '/operator/organizations', { key })).status;
}

describe('npm start', () => {
  it('shows a first key once, serves with it from then on, and ends with 0 however it is told to', async () => {
    await using folder = await temporaryFolder();
    const environment = { JACKFIELD_DATA_DIR: join(folder.path, 'data') };

    await using first = await startWithNpm(environment);
    const [key, ...others] = keysShown(first.output());
    expect(others).toEqual([]);
    expect(first.output()).toMatch(/^Jackfield is listening on http:\/\/127\.0\.0\.1:\d+$/m);
    expect(await statusWith(key, first)).toBe(200);
    first.child.kill('SIGTERM');
    expect(await once(first.child, 'exit')).toEqual([0, null]);
    expect(first.hasMembers()).toBe(false);

    await using second = await startWithNpm(environment);
    expect(await statusWith(key, second)).toBe(200);
    second.signalGroup('SIGTERM');
    expect(await once(second.child, 'exit')).toEqual([0, null]);
    expect(second.hasMembers()).toBe(false);
    expect(second.output()).not.toContain('First start');
    expect(second.output() + second.errors() + first.errors()).not.toContain('SG.');
  });
});

describe('the first start', () => {
  it.each(databaseKinds)(
    'on %s takes the given key and organization id, and never prints the key',
    async (kind) => {
      await using database = await createDatabase(kind);
      const { token } = newSendGridKey();
      const { token: roleKey } = newRoleKey();
      const operatorKey = newOperatorKey();
      await using process = await startProcess({
        ...database.environment,
        JACKFIELD_LOG_LEVEL: 'trace',
        JACKFIELD_BOOTSTRAP_SENDGRID_KEY: token,
        JACKFIELD_BOOTSTRAP_API_KEY: roleKey,
        JACKFIELD_OPERATOR_KEY: operatorKey,
        JACKFIELD_BOOTSTRAP_ORGANIZATION_ID: 'org_given42',
        JACKFIELD_BOOTSTRAP_SOURCE_ID: 'src_00000000000000000000000000000042',
      });
      expect(await statusWith(token, process)).toBe(200);
      await createIntegration(process, token);
      expect(await process.end('SIGTERM')).toEqual({ code: 0, signal: null });
      expect(process.output().split('\n')).toEqual([
        'First start: created the organization org_given42',
        `Its URL for email events: ${process.url}/events/sendgrid/src_00000000000000000000000000000042`,
        `Jackfield is listening on ${process.url}`,
        '',
      ]);
      expect(process.errors()).toContain('"answered"');
      const [, , secretPart = token] = token.split('.');
      expect(process.output() + process.errors()).not.toContain(secretPart);
      expect(process.output() + process.errors()).not.toContain(roleKey.slice(24));
      expect(process.output() + process.errors()).not.toContain(operatorKey);
    },
  );

  it('decides: later starts with another given key change nothing', async () => {
    await using database = await createDatabase('postgres');
    const [first, later] = [newSendGridKey().token, newSendGridKey().token];
    const environment = { ...database.environment, JACKFIELD_PUBLIC_URL: 'https://mail.test' };
    const start = async (key: string) =>
      await startProcess({ ...environment, JACKFIELD_BOOTSTRAP_SENDGRID_KEY: key });
    const beginning = await start(first);
    await beginning.end('SIGTERM');
    expect(beginning.output()).toContain('Its URL for email events: https://mail.test/events/sendgrid/src_');
    await using process = await start(later);
    expect(await statusWith(first, process)).toBe(200);
    expect(await statusWith(later, process)).toBe(401);
    expect(process.output()).toBe(`Jackfield is listening on ${process.url}\n`);
  });
});

describe('the operator key', () => {
  it.each(databaseKinds)('on %s is made and shown once, and only its hash is stored', async (kind) => {
    await using database = await createDatabase(kind);
    await using first = await startProcess(database.environment);
    const [key = '', ...others] = operatorKeysShown(first.output());
    expect({ form: /^jfop_[\w-]{43}$/.test(key), others }).toEqual({ form: true, others: [] });
    expect(await operatorStatus(first, key)).toBe(200);
    await first.end('SIGTERM');
    await using second = await startProcess(database.environment);
    expect(await operatorStatus(second, key)).toBe(200);
    expect(second.output() + second.errors() + first.errors()).not.toContain('jfop_');
    if (kind === 'postgres') {
      const rows = await query(database.environment['DATABASE_URL'] ?? '', 'select * from operator_key');
      expect(rows).toMatchObject([{ secret_hash: hash('sha256', key, 'base64url') }]);
      expect(JSON.stringify(rows)).not.toContain(key.slice(5));
    }
  });

  it('of the settings replaces the one that was made, for as long as it is set', async () => {
    await using database = await createDatabase('postgres');
    await using first = await startProcess(database.environment);
    const [made = ''] = operatorKeysShown(first.output());
    const given = newOperatorKey();
    await using second = await startProcess({ ...database.environment, JACKFIELD_OPERATOR_KEY: given });
    expect(await operatorStatus(second, given)).toBe(200);
    expect(await operatorStatus(second, made)).toBe(401);
    expect(await operatorStatus(first, made)).toBe(200);
  });
});

describe('the embedded data folder', () => {
  it('is refused to a second process while the first one goes on serving', async () => {
    await using database = await createDatabase('embedded');
    await using first = await startProcess(database.environment);
    const [key] = keysShown(first.output());
    const second = await runToEnd({ ...database.environment, PORT: '0' });
    expect(second).toMatchObject({ code: 1, output: '' });
    expect(second.errors).toBe(
      `The data folder ${database.environment['JACKFIELD_DATA_DIR']} is in use by another Jackfield process. ` +
        'Stop that one, choose another folder with JACKFIELD_DATA_DIR, ' +
        'or use PostgreSQL (DATABASE_URL) to run several.\n',
    );
    expect(await statusWith(key, first)).toBe(200);
    await createIntegration(first, key ?? '');
  });

  it('keeps the master key in a file for its owner alone, and keeps that file', async () => {
    await using database = await createDatabase('embedded');
    const keyFile = join(database.environment['JACKFIELD_DATA_DIR'] ?? '', 'master.key');
    await using first = await startProcess(database.environment);
    const key = keysShown(first.output())[0] ?? '';
    const id = await createIntegration(first, key, 'write-key-to-reopen');
    expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
    const made = await readFile(keyFile, 'utf8');
    await first.end('SIGTERM');

    await using second = await startProcess(database.environment);
    expect(await readFile(keyFile, 'utf8')).toBe(made);
    expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
    const { text } = await call(second, 'GET', `/v3/marketing/integrations/${id}`, { key });
    expect(text).toContain('"write-key-to-reopen"');
    const [masterKey = made] = made.trim().split(':').slice(1);
    expect(first.output() + first.errors() + second.output() + second.errors()).not.toContain(masterKey);
  });
});

describe('two processes that start at the same moment', () => {
  it('prepare an empty PostgreSQL database once', async () => {
    await using database = await createEmptyDatabase();
    // whoever does the same waits until this one is undone
    await using held = await hold(database.url, 'create table migration (id integer primary key)');
    await using pair = await startTogether(database, held);
    await expectOneFirstStart(pair);
  });

  it('have one first start between them', async () => {
    await using database = await createDatabase('postgres');
    const url = database.environment['DATABASE_URL'] ?? '';
    // reading is free, adding the first organization is not
    await using held = await hold(url, 'lock table organization in share mode');
    await using pair = await startTogether(database, held);
    await expectOneFirstStart(pair);
    expect(await query(url, 'select count(*)::int as count from organization')).toEqual([{ count: 1 }]);
  });
});

interface Pair extends AsyncDisposable {
  readonly processes: readonly TestProcess[];
}

/** Both go on at the moment when what they wait for is let go. */
async function startTogether(
  { environment }: { readonly environment: Readonly<Record<string, string>> },
  held: Held,
): Promise<Pair> {
  const starting = Promise.all([startProcess(environment), startProcess(environment)]);
  await vi.waitFor(async () => expect(await held.waiters()).toBe(2), { timeout: 20_000 });
  await held[Symbol.asyncDispose]();
  const processes = await starting;
  return {
    processes,
    [Symbol.asyncDispose]: async () => {
      for (const each of processes) await each[Symbol.asyncDispose]();
    },
  };
}

async function expectOneFirstStart({ processes }: Pair): Promise<void> {
  const [key, ...others] = processes.flatMap((each) => keysShown(each.output()));
  expect(others).toEqual([]);
  for (const each of processes) expect(await statusWith(key, each)).toBe(200);
  const [operatorKey = '', ...more] = processes.flatMap((each) => operatorKeysShown(each.output()));
  expect(more).toEqual([]);
  for (const each of processes) expect(await operatorStatus(each, operatorKey)).toBe(200);
}
