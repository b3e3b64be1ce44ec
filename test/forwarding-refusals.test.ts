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
import { answer, HostileSink } from './support/hostile-sink.ts';

const events = 600;

describe.each(databaseKinds)('on %s', (kind) => {
  it.each([
    [400, 'each event by itself'],
    [422, 'each batch as a whole'],
  ])(
    'a destination that answers %i to everything, %s, is left alone, and most events wait',
    async (status) => {
      await using sink = await HostileSink.start();
      await using app = await startApp(kind, {
        JACKFIELD_SEGMENT_US_URL: sink.url,
        JACKFIELD_BOOTSTRAP_SOURCE_ID: sourceId,
      });
      const writeKey = 'refuses everything';
      sink.conducts.set(writeKey, answer(status));
      const id = await createSegment(app, { writeKey });
      // one that was refused to its end waits for nothing, and neither does what sends it again
      await postEvents(app, ['first']);
      await until(async () => expect(await deliveryOf(app, id)).toMatchObject({ dead_letters: 1 }));
      await act(app, `/api/integrations/${id}/dead-letters/retry`);
      await until(() => expect(sink.requestsFor(writeKey)).toHaveLength(2));
      await until(async () =>
        expect(await deliveryOf(app, id)).toMatchObject({ dead_letters: 1, replays: 0, waiting_events: 0 }),
      );

      const ids = ['first', ...newEventIds('refused', events - 1)];
      await postEvents(app, ids.slice(1));
      // more than once, and each time for longer: nothing was taken in between
      await until(async () => {
        const { state, last_error: error, next_attempt_at: next } = await deliveryOf(app, id);
        expect([state, error]).toEqual(['backing_off', `status ${status}`]);
        expect(Date.parse(next ?? '')).toBeGreaterThan(Date.now() + 1_000);
      });
      await act(app, `/api/integrations/${id}/pause`);
      const dead: number = (await deliveryOf(app, id)).dead_letters;
      expect(dead).toBeGreaterThan(0);
      expect(dead).toBeLessThan(events);
      expect(await deliveryOf(app, id)).toMatchObject({ waiting_events: events - dead });

      sink.conducts.set(writeKey, answer(200));
      await act(app, `/api/integrations/${id}/resume`);
      await until(() => expect(sink.taken(writeKey)).toEqual(ids.slice(dead)));
      await until(async () =>
        expect(await deliveryOf(app, id)).toMatchObject({
          state: 'running',
          waiting_events: 0,
          dead_letters: dead,
        }),
      );
    },
  );
});
