import { afterAll, describe, expect, it } from 'vitest';
import { butterCall, createOrganization, createTwilio } from '../../support/butter.ts';
import { act, delivery, integrationPath, until } from '../../support/delivery.ts';
import { onBothDatabases } from '../../support/matrix.ts';
import { SegmentSink, sinkStatus } from '../../support/segment-sink.ts';
import { createSegment, newEvents, postEvents } from '../../support/webhook.ts';

const sink = await SegmentSink.start();
const environment = { ...sink.environment, JACKFIELD_SEGMENT_INTEGRATION_LIMIT: '1000' };
afterAll(async () => await sink[Symbol.asyncDispose]());

describe('a test event', () => {
  onBothDatabases((app) => {
    it('is sent past everything that waits, and answered with what the destination said', async () => {
      const { id, writeKey } = await createSegment(app(), ['open']);
      await act(app(), id, 'pause');
      await postEvents(app(), newEvents(2, 'open'));
      const { status, json } = await act(app(), id, 'test');
      expect([status, json]).toEqual([
        200,
        {
          success: true,
          data: {
            sg_event_id: expect.stringMatching(/^test-/),
            outcome: 'delivered',
            status: 200,
            reason: null,
            answer: '{"success":true}',
            latency_ms: expect.any(Number),
          },
        },
      ]);
      expect(sink.tracksFor(writeKey)).toMatchObject([
        { event: 'Email Delivered', properties: { categories: ['jackfield-test'] } },
      ]);
      expect(await delivery(app(), id)).toMatchObject({ waiting_events: 2, last_success_at: null });
    });

    it.each([
      [400, 'rejected'],
      [402, 'rejected'],
      [401, 'retry'],
      [503, 'retry'],
    ])('that the destination answers with %i is %s, and is not sent again', async (status, outcome) => {
      const { id, writeKey } = await createSegment(app());
      sink.answers.set(writeKey, sinkStatus(status));
      const answered = await act(app(), id, 'test');
      expect([answered.status, answered.json.data]).toMatchObject([
        200,
        { outcome, status, reason: `status ${status}`, answer: '{"success":false}' },
      ]);
      expect(sink.requestsFor(writeKey)).toHaveLength(1);
      expect(await delivery(app(), id)).toMatchObject({ dead_letters: 0, last_error: null });
    });

    it('is nothing for an integration of others, of nobody, or one that takes no events', async () => {
      const foreign = await createSegment(await createOrganization(app()));
      for (const id of [foreign.id, 'intg_0123456789ab']) {
        expect((await act(app(), id, 'test')).status).toBe(404);
      }
      expect(sink.requestsFor(foreign.writeKey)).toEqual([]);
      const refused = await act(app(), await createTwilio(app()), 'test');
      expect([refused.status, refused.json.detail[0].loc]).toEqual([422, ['path', 'integration_id']]);
    });

    it('ends with its integration', async () => {
      const { id, writeKey } = await createSegment(app());
      // never answered
      sink.answers.set(writeKey, () => undefined);
      const sent = act(app(), id, 'test');
      await until(() => expect(sink.requestsFor(writeKey)).toHaveLength(1));
      expect((await butterCall(app(), 'DELETE', integrationPath(id))).status).toBe(200);
      expect((await sent).status).toBe(404);
    });
  }, environment);
});
