import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { newSendGridKey } from '../src/core/sendgrid-key.ts';
import { createDatabase, type DatabaseKind } from './support/database.ts';
import { call } from './support/http.ts';
import { startProcess, type TestProcess } from './support/process.ts';
import { beginPost } from './support/slow-request.ts';
import { hold, query } from './support/sql.ts';
import { createIntegration, segmentBody } from './support/tenants.ts';

const path = '/v3/marketing/integrations';
/** Whoever creates something below an organization waits for this. */
const everyOrganization = 'select from organization for update';
const mostMs = 10_000;
/** Well before the requests under way are cut off, after 8 s. */
const promptMs = 5_000;

interface Subject extends AsyncDisposable {
  readonly process: TestProcess;
  readonly key: string;
  readonly databaseUrl: string;
}

async function start(kind: DatabaseKind): Promise<Subject> {
  const database = await createDatabase(kind);
  const key = newSendGridKey().token;
  const process = await startProcess({ ...database.environment, JACKFIELD_BOOTSTRAP_SENDGRID_KEY: key });
  return {
    process,
    key,
    databaseUrl: database.environment['DATABASE_URL'] ?? '',
    [Symbol.asyncDispose]: async () => {
      await process[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** SIGTERM; resolves when nobody new is let in. */
async function askToStop({ child, url }: TestProcess): Promise<void> {
  const { hostname, port } = new URL(url);
  child.kill('SIGTERM');
  await vi.waitFor(
    async () => {
      const socket = connect({ host: hostname, port: Number(port) });
      const refused = await new Promise((resolve) => {
        socket.once('error', () => resolve(true)).once('connect', () => resolve(false));
      });
      socket.destroy();
      expect(refused).toBe(true);
    },
    { timeout: mostMs },
  );
}

/** SIGTERM again and again, as npm and impatient operators do, to the very end. */
async function askToTheEnd({ child }: TestProcess): Promise<void> {
  while (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGTERM');
    await setImmediate();
  }
}

async function msUntil(end: Promise<unknown>): Promise<number> {
  const before = performance.now();
  await end;
  return performance.now() - before;
}

describe.concurrent('SIGTERM', () => {
  it.each(['embedded', 'postgres'] as const)(
    'on %s lets a request finish that is still being sent',
    async (kind) => {
      await using subject = await start(kind);
      const { process, key } = subject;
      using slow = await beginPost(process.url + path, { key, json: segmentBody('write-key-sent-late') });
      await askToStop(process);
      const answer = await slow.complete();
      expect(answer.status).toBe(201);
      expect(JSON.parse(answer.text)).toMatchObject({ properties: { write_key: 'write-key-sent-late' } });
      // the client would keep its connection, and the end waits neither for that nor for the cut-off
      expect(await msUntil(process.end('SIGTERM'))).toBeLessThan(promptMs);
      expect(process.child.exitCode).toBe(0);
    },
  );

  it('lets a request finish that waits for the database, however often it is repeated', async () => {
    await using subject = await start('postgres');
    const { process, key, databaseUrl } = subject;
    const lock = await hold(databaseUrl, everyOrganization);
    const waiting = call(process, 'POST', path, { key, json: segmentBody() });
    await vi.waitFor(async () => expect(await lock.waiters()).toBe(1), { timeout: mostMs });
    await askToStop(process);
    const asking = askToTheEnd(process);
    await lock[Symbol.asyncDispose]();
    const { status, text } = await waiting;
    expect(status).toBe(201);
    await asking;
    expect(await process.end('SIGTERM')).toEqual({ code: 0, signal: null });
    const [stored] = await query(databaseUrl, 'select id from integration');
    expect(JSON.parse(text)).toMatchObject({ integration_id: stored?.['id'] });
  });

  it('is obeyed within ten seconds although a request never arrives whole', async () => {
    await using subject = await start('embedded');
    const { process, key } = subject;
    using slow = await beginPost(process.url + path, { key, json: segmentBody() });
    const cutOff = slow.cutOff();
    expect(await msUntil(process.end('SIGTERM'))).toBeLessThan(mostMs);
    expect(process.child.exitCode).toBe(0);
    expect(await cutOff).toMatchObject({ code: 'ECONNRESET' });
  });

  it('is obeyed within ten seconds although the database never answers a request', async () => {
    await using subject = await start('postgres');
    const { process, key, databaseUrl } = subject;
    await using lock = await hold(databaseUrl, everyOrganization);
    const waiting = call(process, 'POST', path, { key, json: segmentBody() });
    const cutOff = waiting.catch((error: unknown) => error);
    await vi.waitFor(async () => expect(await lock.waiters()).toBe(1), { timeout: mostMs });
    expect(await msUntil(process.end('SIGTERM'))).toBeLessThan(mostMs);
    expect(process.child.exitCode).toBe(0);
    expect(await cutOff).toBeInstanceOf(TypeError);
  });

  it('does not wait for clients that are connected and ask nothing', async () => {
    await using subject = await start('postgres');
    const { process, key } = subject;
    await createIntegration(process, key);
    const { hostname, port } = new URL(process.url);
    const silent = connect({ host: hostname, port: Number(port) });
    await new Promise((resolve) => silent.once('connect', resolve));
    expect(await msUntil(process.end('SIGTERM'))).toBeLessThan(promptMs);
    expect(process.child.exitCode).toBe(0);
    silent.destroy();
  });
});
