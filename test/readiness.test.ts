import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { newSendGridKey } from '../src/core/sendgrid-key.ts';
import { createEmptyDatabase } from './support/empty-database.ts';
import { call } from './support/http.ts';
import { type PostgresServer, startPostgres } from './support/postgres-server.ts';
import { startProcess, type TestProcess } from './support/process.ts';
import { cutSessions, hold } from './support/sql.ts';
import { createIntegration, segmentBody } from './support/tenants.ts';

const path = '/v3/marketing/integrations';
/** Whoever creates something below an organization waits for this. */
const everyOrganization = 'select from organization for update';
const internalError = '{"errors":[{"message":"internal error"}]}';
const patience = { timeout: 20_000 };

const ready = { status: 200, text: '{"status":"ready"}' };
const unready = { status: 503, text: '{"status":"unavailable","reason":"database"}' };

async function readiness(app: TestProcess) {
  const { status, text } = await call(app, 'GET', '/readyz');
  return { status, text };
}

/** What the log holds under a request's id, each line parsed. */
function logOf(app: TestProcess, requestId: string): readonly unknown[] {
  const lines = app.errors().trimEnd().split('\n');
  return lines
    .map((line): unknown => JSON.parse(line))
    .filter((entry) => JSON.stringify(entry).includes(`"${requestId}"`));
}

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(async () => await server[Symbol.asyncDispose]());

it('fails a request whose database goes away, telling nothing, and recovers by itself', async () => {
  await using database = await createEmptyDatabase(server.url);
  const key = newSendGridKey().token;
  await using app = await startProcess({ ...database.environment, JACKFIELD_BOOTSTRAP_SENDGRID_KEY: key });
  const before = await createIntegration(app, key);
  const create = async (requestId: string) =>
    await call(app, 'POST', path, { key, json: segmentBody(), headers: { 'x-request-id': requestId } });

  await using lock = await hold(database.url, everyOrganization);
  const underWay = create('during-the-crash');
  await vi.waitFor(async () => expect(await lock.waiters()).toBe(1), patience);
  await server.crash();
  for (const [answer, requestId] of [
    [await underWay, 'during-the-crash'],
    [await create('after-the-crash'), 'after-the-crash'],
  ] as const) {
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 500, text: internalError });
    expect(answer.headers.get('x-request-id')).toBe(requestId);
    await vi.waitFor(() => {
      expect(logOf(app, requestId)).toContainEqual(
        expect.objectContaining({ level: 'error', requestId, err: expect.anything() }),
      );
    }, patience);
  }
  expect((await call(app, 'GET', '/healthz')).status).toBe(200);
  expect(await readiness(app)).toEqual(unready);

  await server.restart();
  await vi.waitFor(async () => expect(await readiness(app)).toEqual(ready), patience);
  const after = await createIntegration(app, key);
  const { status, text } = await call(app, 'GET', path, { key });
  expect(status).toBe(200);
  // the request that failed has left nothing behind
  expect([...text.matchAll(/intg_[0-9a-f]{12}/g)].map(([id]) => id)).toEqual([before, after]);
  expect((await call(app, 'GET', '/healthz')).status).toBe(200);
  expect(await app.end('SIGTERM')).toEqual({ code: 0, signal: null });
});

it('is not ready while its database says nothing, and ready when it speaks again', async () => {
  await using database = await createEmptyDatabase(server.url);
  await using app = await startProcess(database.environment);
  expect(await readiness(app)).toEqual(ready);
  await cutSessions(database.url);
  server.pause();
  expect(await readiness(app)).toEqual(unready);
  expect((await call(app, 'GET', '/healthz')).status).toBe(200);
  server.resume();
  await vi.waitFor(async () => expect(await readiness(app)).toEqual(ready), patience);
});
