import { describe, expect, it } from 'vitest';
import { createSegment, newEventIds, postEvents, postUntilTaken, until } from './support/forwarding.ts';
import { answer, atFirst, type Conduct, type HostileSink, silent } from './support/hostile-sink.ts';
import { createRandom, testSeed } from './support/random.ts';
import { query } from './support/sql.ts';
import { type Worker, Workers } from './support/workers.ts';

/** Beside those at named points, which make twenty of them together. */
const kills = Number(process.env['JACKFIELD_TEST_KILLS'] ?? 10);
const leaseSeconds = Number(process.env['JACKFIELD_TEST_LEASE_SECONDS'] ?? 1);
/** From a kill to what its victim left undone: the lease, and what a successor takes to begin. */
const redeliveredWithinMs = 15_000;
const writeKeys = ['prompt', 'unhurried', 'leisurely', 'faltering'].map((name) => `${name}-destination`);
const lanes = 4;
const postEventsCount = 25;

const answerAfter =
  (ms: number): Conduct =>
  (exchange) =>
    void setTimeout(() => answer(200)(exchange), ms);
const falter: Conduct = (exchange) => answer(exchange.nth % 3 === 0 ? 503 : 200)(exchange);

/** Every id that was taken at least once, and that its repeats are the same message. */
function reconcile(sink: HostileSink, ids: readonly string[]): void {
  const messages = new Map<string, string>();
  for (const writeKey of writeKeys) {
    expect([...new Set(sink.taken(writeKey))].toSorted()).toEqual(ids.toSorted());
    for (const { id, messageId } of sink.requestsFor(writeKey).flatMap(({ events }) => events)) {
      const known = messages.get(`${writeKey} ${id}`) ?? messageId;
      expect(messageId).toBe(known);
      messages.set(`${writeKey} ${id}`, messageId);
    }
  }
  // for two integrations they are two messages
  expect(new Set(messages.values()).size).toBe(ids.length * writeKeys.length);
}

describe('events under a crash', () => {
  it(`all arrive through ${kills} kill -9 under load, repeats as the same message (seed ${testSeed})`, {
    timeout: 60_000 + kills * 2 * redeliveredWithinMs,
  }, async () => {
    const random = createRandom(testSeed);
    await using workers = await Workers.prepare({ JACKFIELD_DELIVERY_LEASE_SECONDS: String(leaseSeconds) });
    const { sink } = workers;
    const killedAt: number[] = [];
    const running = await Promise.all([workers.start(), workers.start()]);
    const anyOf = () => random.pick(running);
    for (const writeKey of writeKeys) await createSegment(anyOf(), { writeKey });
    const [, unhurried = '', leisurely = '', faltering = ''] = writeKeys;
    sink.conducts.set(unhurried, answerAfter(30));
    sink.conducts.set(leisurely, answerAfter(200));
    sink.conducts.set(faltering, falter);
    const posted: string[] = [];
    const over = new AbortController();
    const traffic = async (lane: number) => {
      for (let round = 0; !over.signal.aborted; round++) {
        const ids = newEventIds(`event-${lane}-${round}`, postEventsCount);
        const before = sink.requestsFor(leisurely).length;
        await postUntilTaken(anyOf, ids);
        posted.push(...ids);
        // so that the work to do stays the same on fast and slow machines
        const arrived = () => sink.taken(leisurely, before).includes(ids.at(-1) ?? '');
        await until(() => expect(arrived()).toBe(true), kills * 2 * redeliveredWithinMs);
      }
    };
    const lanesDone = Promise.all(Array.from({ length: lanes }, async (_, lane) => await traffic(lane)));
    for (let kill = 0; kill < kills; kill++) {
      const moment = sink.requests.length + 5 + random.below(40);
      // where the last victim held everything, nothing goes on before its lease has ended
      await until(() => expect(sink.requests.length).toBeGreaterThanOrEqual(moment), 2 * redeliveredWithinMs);
      const victim = anyOf();
      killedAt.push(performance.now());
      await victim.process.end('SIGKILL');
      running.splice(running.indexOf(victim), 1);
      running.push(await workers.start());
    }
    over.abort();
    await lanesDone;
    expect(posted.length).toBeGreaterThan(kills * postEventsCount);
    await until(() => {
      for (const writeKey of writeKeys) expect(new Set(sink.taken(writeKey)).size).toBe(posted.length);
    });
    reconcile(sink, posted);
    // no destination was left alone for longer, whatever the victims held
    for (const writeKey of writeKeys) {
      const began = sink.requestsFor(writeKey).map(({ beganAt }) => beganAt);
      const waits = killedAt.slice(0, -1).map((at) => {
        const next = began.find((moment) => moment > at) ?? Infinity;
        // another victim in between may have been the one that held it
        return Math.round(next - Math.max(...killedAt.filter((moment) => moment < next)));
      });
      expect([writeKey, waits.filter((wait) => wait > redeliveredWithinMs)]).toEqual([writeKey, []]);
    }
  });

  it('are left to the worker that holds them while it renews its lease, and sent by another when that ended', {
    timeout: 180_000,
  }, async () => {
    await using workers = await Workers.prepare({ JACKFIELD_DELIVERY_LEASE_SECONDS: '1' });
    const { sink, databaseUrl } = workers;
    const [first, second] = [await workers.start(), await workers.start()];
    const ids = newEventIds('held', 3);
    const holder = async () => {
      const rows = await query(databaseUrl, 'select lease_owner, lease_until from delivery_cursor');
      return { owner: rows[0]?.['lease_owner'], until: rows[0]?.['lease_until'] as Date };
    };
    sink.conducts.set('longer than a lease', atFirst(answerAfter(3_000), 1));
    await createSegment(first, { writeKey: 'longer than a lease' });
    await postEvents(first, ids);
    await until(() => expect(sink.taken('longer than a lease')).toEqual(ids));
    expect(sink.requests).toHaveLength(1);

    // the next request hangs; which process it comes from is not known, so both go and a third one goes on
    sink.conducts.set('longer than a lease', silent);
    const more = newEventIds('crashed', 3);
    await postEvents(first, more);
    await until(() => expect(sink.requests).toHaveLength(2));
    await Promise.all([first.process.end('SIGKILL'), second.process.end('SIGKILL')]);
    const left = await holder();
    expect(left.owner).toMatch(/^proc_/);
    sink.conducts.set('longer than a lease', answer(200));
    await workers.start();
    await until(() => expect(sink.taken('longer than a lease')).toEqual([...ids, ...more]));
    const [, crashed, repeated] = sink.requests;
    expect(performance.timeOrigin + (repeated?.beganAt ?? 0)).toBeGreaterThan(left.until.getTime());
    expect(repeated?.events).toEqual(crashed?.events);
  });

  it('are handed over at once by a worker that is told to stop', async () => {
    await using workers = await Workers.prepare({ JACKFIELD_DELIVERY_LEASE_SECONDS: '15' });
    const { sink } = workers;
    const first: Worker = await workers.start();
    const ids = newEventIds('handed over', 3);
    sink.conducts.set('handed over', atFirst(silent, 1));
    await createSegment(first, { writeKey: 'handed over' });
    await postEvents(first, ids);
    await until(() => expect(sink.requests).toHaveLength(1));
    await workers.start();
    const toldAt = performance.now();
    const ended = first.process.end('SIGTERM');
    await until(() => expect(sink.taken('handed over')).toEqual(ids));
    expect((sink.requests[1]?.beganAt ?? Infinity) - toldAt).toBeLessThan(2_000);
    expect(await ended).toEqual({ code: 0, signal: null });
  });
});
