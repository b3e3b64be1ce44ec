import { describe, expect, it } from 'vitest';
import { startApp } from './support/app.ts';
import { databaseKinds } from './support/database.ts';
import {
  act,
  createSegment,
  deliveryOf,
  newEventIds,
  postEvents,
  sourceId,
  until,
} from './support/forwarding.ts';
import { answer, HostileSink, type SinkRequest, silent } from './support/hostile-sink.ts';

const healthy = Array.from({ length: 9 }, (_, index) => `healthy destination ${index}`);
const hanging = 'hanging destination';
const waves = 20;
const eventsPerWave = 50;

const crowd = 300;
/** Half of the slots. */
const mostFailingAtOnce = 128;

async function takenInOrder(sink: HostileSink, writeKey: string, ids: readonly string[]): Promise<void> {
  // cheap to ask often: the app runs in this process
  await until(() => expect(sink.taken(writeKey).length).toBeGreaterThanOrEqual(ids.length));
  expect(sink.taken(writeKey)).toEqual(ids);
}

describe.each(databaseKinds)('on %s', (kind) => {
  it('nine healthy destinations get everything while a tenth one hangs, and that one then gets it in order', async () => {
    await using sink = await HostileSink.start();
    await using app = await startApp(kind, {
      JACKFIELD_SEGMENT_US_URL: sink.url,
      JACKFIELD_BOOTSTRAP_SOURCE_ID: sourceId,
    });
    sink.conducts.set(hanging, silent);
    const id = await createSegment(app, { writeKey: hanging });
    for (const writeKey of healthy) await createSegment(app, { writeKey });

    const ids: string[] = [];
    for (let wave = 0; wave < waves; wave++) {
      const more = newEventIds(`wave-${wave}`, eventsPerWave);
      ids.push(...more);
      await postEvents(app, more);
      // the next wave is posted only when all have this one: a single one that waits for the hanging one stops the test
      await Promise.all(healthy.map(async (writeKey) => await takenInOrder(sink, writeKey, ids)));
    }
    // each of its requests ran to its own deadline and carried the same beginning; nothing passed it by
    const tried = sink.requestsFor(hanging);
    expect(tried.length).toBeGreaterThan(0);
    for (const { events } of tried) expect(events[0]?.id).toBe(ids[0]);
    expect(await deliveryOf(app, id)).toMatchObject({ waiting_events: ids.length, dead_letters: 0 });

    sink.conducts.set(hanging, answer(200));
    await act(app, `/api/integrations/${id}/pause`);
    sink.cut();
    await act(app, `/api/integrations/${id}/resume`);
    await takenInOrder(sink, hanging, ids);
  });

  it('a destination that is down gets everything in order once it is up', async () => {
    await using sink = await HostileSink.start();
    await using app = await startApp(kind, {
      JACKFIELD_SEGMENT_US_URL: sink.url,
      JACKFIELD_BOOTSTRAP_SOURCE_ID: sourceId,
    });
    sink.conducts.set('down for a while', answer(503));
    const id = await createSegment(app, { writeKey: 'down for a while' });
    const ids = newEventIds('down', 2_600);
    for (let at = 0; at < ids.length; at += 100) await postEvents(app, ids.slice(at, at + 100));
    await until(async () => expect((await deliveryOf(app, id)).last_error).toBe('status 503'));
    await until(() => expect(sink.requestsFor('down for a while').length).toBeGreaterThan(2));
    sink.conducts.set('down for a while', answer(200));
    await takenInOrder(sink, 'down for a while', ids);
    expect(await deliveryOf(app, id)).toMatchObject({ dead_letters: 0 });
  });
});

// what a process can do side by side has nothing to do with the database behind it
describe('on postgres', () => {
  it('a healthy destination is served while three hundred hang, and those that failed leave it half of the room', async () => {
    await using sink = await HostileSink.start();
    await using app = await startApp('postgres', {
      JACKFIELD_SEGMENT_US_URL: sink.url,
      JACKFIELD_BOOTSTRAP_SOURCE_ID: sourceId,
      JACKFIELD_SEGMENT_INTEGRATION_LIMIT: '1000',
    });
    const keys = Array.from({ length: crowd }, (_, index) => `${hanging} ${index}`);
    await Promise.all(
      keys.map(async (writeKey) => {
        sink.conducts.set(writeKey, silent);
        await createSegment(app, { writeKey });
      }),
    );
    // the youngest is the last whose turn it is
    await createSegment(app, { writeKey: 'healthy' });
    const triedOf = () => keys.flatMap((writeKey) => sink.requestsFor(writeKey));
    const given = (requests: readonly SinkRequest[]) =>
      requests.filter(({ closedAt }) => closedAt !== undefined);

    const ids: string[] = [];
    const serve = async (name: string) => {
      const more = newEventIds(name, 20);
      ids.push(...more);
      await postEvents(app, more);
      await takenInOrder(sink, 'healthy', ids);
    };
    await serve('while more and more hang');
    await until(() => expect(triedOf()).toHaveLength(crowd));
    await serve('while all of them hang');
    // nobody had to give up for that: each of them still hangs in its first request
    expect([triedOf().length, given(triedOf()).length]).toEqual([crowd, 0]);

    sink.cut();
    const again = () => triedOf().filter(({ beganAt }) => beganAt > cutAt);
    const cutAt = performance.now();
    await until(() => expect(again()).toHaveLength(mostFailingAtOnce));
    await serve('while those that failed hang again');
    // the others of them wait: for these to end, not beside the healthy one
    expect([again().length, given(again()).length]).toEqual([mostFailingAtOnce, 0]);
  });
});
