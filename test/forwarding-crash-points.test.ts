import { describe, expect, it } from 'vitest';
import { anywhere, type CrashPoint, onPostgres } from './support/crash-points.ts';
import { databaseKinds } from './support/database.ts';
import { createSegment, deliveryOf, postEvents, until } from './support/forwarding.ts';
import { answer } from './support/hostile-sink.ts';
import { endSessions, query } from './support/sql.ts';
import { type Worker, Workers } from './support/workers.ts';

const leaseSeconds = Number(process.env['JACKFIELD_TEST_LEASE_SECONDS'] ?? 1);
/** From a kill to what its victim left undone: the lease, and what a successor takes to start. */
const redeliveredWithinMs = 15_000;
const writeKey = 'crashing destination';

async function crashAt(workers: Workers, victim: Worker, point: CrashPoint): Promise<Worker> {
  const { sink } = workers;
  const { ids, answered, locks } = await point({ workers, victim, writeKey });
  const killedAt = performance.now();
  await victim.process.end('SIGKILL');
  // what it had asked of its database is not done in its name any more
  if (workers.databaseUrl !== '') await endSessions(workers.databaseUrl);
  for (const lock of locks) await lock[Symbol.asyncDispose]();
  sink.conducts.set(writeKey, answer(200));
  const before = sink.requests.length;
  const successor = await workers.start();
  if (!answered) await postEvents(successor, ids);
  const again = () => sink.requests.slice(before).flatMap(({ events }) => events);
  await until(() => expect(again().map(({ id }) => id)).toEqual(ids));
  expect((sink.requests[before]?.beganAt ?? Infinity) - killedAt).toBeLessThan(redeliveredWithinMs);
  const messages = sink.requests.flatMap(({ events }) => events).filter(({ id }) => ids.includes(id));
  expect(new Set(messages.map(({ messageId }) => messageId)).size).toBe(ids.length);
  return successor;
}

/** What one point leaves to do must not be taken for what the next one does. */
async function untilIdle({ databaseUrl }: Workers, worker: Worker, id: string): Promise<void> {
  await until(async () => expect(await deliveryOf(worker, id)).toMatchObject({ waiting_events: 0 }));
  if (databaseUrl === '') return;
  const held = 'select from delivery_cursor where lease_owner is not null';
  await until(async () => expect(await query(databaseUrl, held)).toEqual([]));
}

describe.each(databaseKinds)('a kill -9 on %s loses nothing and is over with the lease', (kind) => {
  const points = kind === 'postgres' ? onPostgres : anywhere;

  it(`at ${points.map(([name]) => name).join('; ')}`, {
    timeout: 60_000 + points.length * 40_000,
  }, async () => {
    const settings = { JACKFIELD_DELIVERY_LEASE_SECONDS: String(leaseSeconds) };
    await using workers = await Workers.prepare(settings, kind);
    let worker = await workers.start();
    const id = await createSegment(worker, { writeKey });
    for (const [name, point, hasSent] of points) {
      const before = workers.sink.requests.length;
      let atKill = 0;
      worker = await crashAt(workers, worker, async (scene) => {
        const reached = await point(scene);
        atKill = workers.sink.requests.length - before;
        return reached;
      });
      await untilIdle(workers, worker, id);
      // the point was reached, and not passed
      expect([name, atKill]).toEqual([name, hasSent ? 1 : 0]);
    }
  });
});

describe('an append that was durable when its process was killed', () => {
  it('is sent once more under the same message ids when the post is repeated', async () => {
    await using workers = await Workers.prepare({ JACKFIELD_DELIVERY_LEASE_SECONDS: String(leaseSeconds) });
    const { sink, databaseUrl } = workers;
    const victim = await workers.start();
    await createSegment(victim, { writeKey });
    const [, during] = onPostgres[0];
    const { ids, locks } = await during({ workers, victim, writeKey });
    await victim.process.end('SIGKILL');
    // its session lives on until it notices: the statement goes through
    for (const lock of locks) await lock[Symbol.asyncDispose]();
    const stored = async () => (await query(databaseUrl, 'select from event')).length;
    await until(async () => expect(await stored()).toBe(ids.length));
    const successor = await workers.start();
    await postEvents(successor, ids);
    await until(() => expect(sink.taken(writeKey)).toHaveLength(2 * ids.length));
    const messages = sink.requestsFor(writeKey).flatMap(({ events }) => events);
    expect(new Set(messages.map(({ id, messageId }) => `${id} ${messageId}`)).size).toBe(ids.length);
  });
});
