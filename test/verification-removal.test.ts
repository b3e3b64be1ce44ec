import type { RequestListener } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { newRoleKey } from '../src/core/role-key.ts';
import { startApp } from './support/app.ts';
import { type ButterClient, butterCall } from './support/butter.ts';
import { createDatabase, type TestDatabase } from './support/database.ts';
import { startProcess, type TestProcess } from './support/process.ts';
import { createRandom, testSeed } from './support/random.ts';
import { query } from './support/sql.ts';
import { type Account, answerWith, connect, hang, TwilioServer } from './support/twilio-server.ts';

const rounds = Number(process.env['JACKFIELD_TEST_REMOVAL_ROUNDS'] ?? 60);
const lanes = 6;
const stalls = 5;
/** The test notices an arrival and an answer on one thread, in whatever order they come to it. */
const toleranceMs = 250;
/** A process that may still begin a request is waited for at most 2 s. */
const mostWaitMs = 3_000;
const organizationId = 'org_removal';
const roleKey = newRoleKey().token;

const twilio = await TwilioServer.start();
afterAll(async () => await twilio[Symbol.asyncDispose]());

async function until(condition: () => void, timeout = 20_000): Promise<void> {
  await vi.waitFor(condition, { timeout, interval: 5 });
}

async function remove(client: ButterClient, id: string): Promise<void> {
  const { status, text } = await butterCall(client, 'DELETE', `/api/integrations/${id}`);
  if (status !== 200) throw new Error(`not deleted: ${status} ${text}`);
}

interface Removed {
  readonly account: Account;
  /** When the delete was answered, by performance.now(). */
  readonly answeredAt: number;
}

/** How long after the answer of its delete each request for a removed account came; mostly before it. */
function lateness(removed: readonly Removed[]): readonly number[] {
  return removed.flatMap(({ account, answeredAt }) =>
    twilio.requestsFor(account).map(({ arrivedAt }) => arrivedAt - answeredAt),
  );
}

/** Asked again 5 s after a failure: by then, nothing that began before is still on its way. */
async function quietPeriod(client: ButterClient): Promise<void> {
  const { account, id } = await connect(twilio, client, answerWith(500));
  await until(() => expect(twilio.requestsFor(account)).toHaveLength(2));
  await remove(client, id);
}

describe.each([
  ['the embedded database, in one process', 'embedded', 1],
  ['PostgreSQL, in two processes', 'postgres', 2],
] as const)('on %s', (_, kind, processCount) => {
  let database: TestDatabase;
  let processes: readonly TestProcess[] = [];
  let clients: readonly ButterClient[] = [];
  beforeAll(async () => {
    database = await createDatabase(kind);
    const environment = {
      ...database.environment,
      JACKFIELD_BOOTSTRAP_API_KEY: roleKey,
      JACKFIELD_BOOTSTRAP_ORGANIZATION_ID: organizationId,
      JACKFIELD_TWILIO_URL: twilio.url,
    };
    const start = async () => await startProcess(environment);
    processes = await Promise.all(Array.from({ length: processCount }, start));
    clients = processes.map(({ url }) => ({ url, roleKey, organizationId }));
  });
  afterAll(async () => {
    for (const each of processes) await each[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  it(`no request begins after the answer of a delete (seed ${testSeed})`, async () => {
    const random = createRandom(testSeed);
    const late: RequestListener = (request, response) =>
      void setImmediate(() => answerWith(200)(request, response));
    const removed: Removed[] = [];
    const lane = async () => {
      while (removed.length < rounds) {
        const answer = random.pick([answerWith(200), answerWith(500), late, hang]);
        const { account, id } = await connect(twilio, random.pick(clients), answer);
        // half of them at once, the others when the provider has been asked
        if (random.chance(0.5)) await until(() => expect(twilio.requestsFor(account)).not.toEqual([]));
        await remove(random.pick(clients), id);
        removed.push({ account, answeredAt: performance.now() });
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    await Promise.all(clients.map(quietPeriod));

    const found = lateness(removed);
    expect(found.length).toBeGreaterThan(rounds / 3);
    expect(found.filter((lateMs) => lateMs > toleranceMs)).toEqual([]);
  });

  it('a request on the wire is cut off at once, whichever process deletes', async () => {
    for (const creating of clients) {
      for (const deleting of clients) {
        const { account, id } = await connect(twilio, creating, hang);
        await until(() => expect(twilio.requestsFor(account)).toHaveLength(1));
        const askedAt = performance.now();
        const answered = remove(deleting, id);
        await until(() => expect(twilio.requestsFor(account)[0]?.closedAt).toBeDefined());
        expect((twilio.requestsFor(account)[0]?.closedAt ?? Infinity) - askedAt).toBeLessThan(1_000);
        await answered;
        expect(performance.now() - askedAt).toBeLessThan(mostWaitMs);
      }
    }
  });

  it('many in one call are cut off together', async () => {
    const connectAll = [...clients, ...clients].map(async (client) => await connect(twilio, client, hang));
    const made = await Promise.all(connectAll);
    const asked = () => made.filter(({ account }) => twilio.requestsFor(account).length > 0);
    await until(() => expect(asked()).not.toEqual([]));
    const json = { integration_ids: made.map(({ id }) => id) };
    const [first] = clients;
    if (first === undefined) throw new Error('no process');
    const { status } = await butterCall(first, 'POST', '/api/integrations/bulk-delete', { json });
    expect(status).toBe(200);
    const answeredAt = performance.now();
    await until(() => {
      for (const { account } of asked())
        for (const request of twilio.requestsFor(account)) expect(request.closedAt).toBeDefined();
    });
    expect(performance.now() - answeredAt).toBeLessThan(1_000);
  });

  if (processCount > 1) {
    it('a process that stalls begins nothing once it goes on', async () => {
      const [stalling, deleting] = clients;
      const stalled = processes[0]?.child;
      if (stalling === undefined || deleting === undefined || stalled === undefined)
        throw new Error('no process');
      const removed: Removed[] = [];
      for (let round = 0; round < stalls; round++) {
        const { account, id } = await connect(twilio, stalling, answerWith(200));
        stalled.kill('SIGSTOP');
        await remove(deleting, id);
        removed.push({ account, answeredAt: performance.now() });
        stalled.kill('SIGCONT');
      }
      await quietPeriod(stalling);
      expect(lateness(removed).filter((lateMs) => lateMs > 0)).toEqual([]);
    });
  }
});

describe('a delete', () => {
  it('waits until another process can begin no request any more', async () => {
    await using app = await startApp('postgres', { JACKFIELD_TWILIO_URL: twilio.url });
    const url = app.database.environment['DATABASE_URL'] ?? '';
    const { account, id } = await connect(twilio, app, answerWith(200));
    await until(() => expect(twilio.requestsFor(account)).toHaveLength(1));
    const lease = async (owner: string, interval: string) =>
      await query(
        url,
        `update integration set verify_owner = '${owner}',
          verify_lease_until = clock_timestamp() + interval '${interval}' where id = '${id}'`,
      );
    await lease('proc_elsewhere', '1500 milliseconds');
    const startedAt = performance.now();
    await remove(app, id);
    const tookMs = performance.now() - startedAt;
    expect(tookMs).toBeGreaterThan(1_400);
    expect(tookMs).toBeLessThan(mostWaitMs);
  });
});
