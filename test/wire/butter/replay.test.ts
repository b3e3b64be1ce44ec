import { afterAll, describe, expect, it } from 'vitest';
import { messageIdOf } from '../../../src/providers/segment/track.ts';
import { butterCall, createOrganization } from '../../support/butter.ts';
import {
  act,
  data,
  deletionOf,
  delivery,
  fatesOf,
  integrationPath,
  messageIds,
  until,
  untilDelivery,
} from '../../support/delivery.ts';
import { onBothDatabases } from '../../support/matrix.ts';
import { SegmentSink, sinkStatus } from '../../support/segment-sink.ts';
import { hold } from '../../support/sql.ts';
import { createSegment, newEvent, newEvents, postEvents } from '../../support/webhook.ts';

const sink = await SegmentSink.start();
const environment = { ...sink.environment, JACKFIELD_SEGMENT_INTEGRATION_LIMIT: '1000' };
afterAll(async () => await sink[Symbol.asyncDispose]());

const takenBy = (writeKey: string) => [...sink.takenFor(writeKey).keys()];

describe('replays and the ways of events', () => {
  onBothDatabases((app) => {
    it('replays a time, of the wanted kinds or of given ones', async () => {
      const owner = await createOrganization(app());
      const source = await butterCall(owner, 'POST', '/api/event-sources', {
        json: { name: 'Mail', kind: 'sendgrid' },
      });
      const target = { url: app().url, eventSourceId: source.json.data.source_id };
      const events = [newEvent('open'), newEvent('click'), newEvent('bounce'), newEvent('click')];
      await postEvents(target, events);
      const { id, writeKey } = await createSegment(owner, ['open', 'click']);
      const from = '2020-01-01T00:00:00Z';
      const clicks = await act(owner, id, 'replay', { from, email_events: ['click'] });
      expect([clicks.status, clicks.json.data]).toEqual([202, { events: 2 }]);
      const clicked = events.filter(({ event }) => event === 'click');
      await until(() => expect(takenBy(writeKey)).toEqual(messageIds(id, clicked)));
      expect((await act(owner, id, 'replay', { from })).json.data).toEqual({ events: 3 });
      const wanted = messageIds(
        id,
        events.filter(({ event }) => event !== 'bounce'),
      );
      await until(() => expect(takenBy(writeKey).toSorted()).toEqual(wanted.toSorted()));
      // repeats carry the same message id
      await until(() => expect([...sink.takenFor(writeKey).values()].flat()).toHaveLength(5));
      const past = await act(owner, id, 'replay', { from, to: '2020-01-02T00:00:00Z' });
      expect([past.status, past.json.data]).toEqual([202, { events: 0 }]);
      const future = await act(owner, id, 'replay', { from: '2100-01-01T00:00:00+02:00' });
      expect([future.status, future.json.data]).toEqual([202, { events: 0 }]);
      await untilDelivery(owner, id, { replays: 0, waiting_events: 0 });
    });

    it('looks through the log without keeping anybody from appending to it', async () => {
      const url = app().database.environment['DATABASE_URL'];
      // nobody else can hold anything in the embedded database
      if (url === undefined) return;
      const owner = await createOrganization(app());
      const { id } = await createSegment(owner);
      const head = `select from event_head where organization_id = '${owner.organizationId}' for update`;
      await using _ = await hold(url, head);
      const from = '2020-01-01T00:00:00Z';
      expect((await act(owner, id, 'replay', { from })).json.data).toEqual({ events: 0 });
      await createSegment(owner, ['open'], { start_from: from });
    });

    it.each([{}, { from: 'yesterday' }, { from: '2020-01-01' }, { from_integration: 'intg_1' }])(
      'replays nothing for the body %j',
      async (json) => {
        const { id } = await createSegment(app());
        expect((await act(app(), id, 'replay', json)).status).toBe(422);
      },
    );

    it('sends to another integration exactly what a deleted one had not got', async () => {
      const { id, writeKey } = await createSegment(app(), ['open']);
      const heir = await createSegment(app(), ['spamreport']);
      const delivered = [newEvent('open'), newEvent('click')];
      const dead = newEvent('open');
      const poison = messageIdOf(id, dead.sg_event_id);
      sink.answers.set(writeKey, (response, { batch }) => {
        response.writeHead(batch.some(({ messageId }) => messageId === poison) ? 400 : 200).end();
      });
      await postEvents(app(), [...delivered, dead]);
      await untilDelivery(app(), id, { dead_letters: 1, waiting_events: 0 });
      await act(app(), id, 'pause');
      const waiting = [newEvent('open'), newEvent('click'), newEvent('open')];
      await postEvents(app(), waiting);
      expect((await butterCall(app(), 'DELETE', integrationPath(id))).status).toBe(200);
      expect(await deletionOf(app(), id)).toMatchObject({ undelivered_events: 3 });
      await postEvents(app(), [newEvent('open')]);
      const replay = await act(app(), heir.id, 'replay', { from_integration: id });
      expect([replay.status, replay.json.data]).toEqual([202, { events: 3 }]);
      const undelivered = [dead, ...waiting.filter(({ event }) => event === 'open')];
      const expected = messageIds(heir.id, undelivered).toSorted();
      await until(() => expect(takenBy(heir.writeKey).toSorted()).toEqual(expected));
      await untilDelivery(app(), heir.id, { replays: 0, waiting_events: 0 });
      expect(takenBy(heir.writeKey)).toHaveLength(3);
      const [first] = delivered;
      expect(await fatesOf(app(), first ?? dead, [id, heir.id])).toEqual(['delivered', 'filtered_out']);
      expect(await fatesOf(app(), dead, [id])).toEqual(['integration_deleted']);
    });

    it('counts at a deletion what a replay had still to send, and hands it on', async () => {
      const { id, writeKey } = await createSegment(app());
      sink.answers.set(writeKey, sinkStatus(400));
      const events = newEvents(2);
      await postEvents(app(), events);
      await untilDelivery(app(), id, { dead_letters: 2 });
      await act(app(), id, 'pause');
      await act(app(), id, 'dead-letters/retry');
      const paused = { state: 'paused', dead_letters: 0, replays: 1, waiting_events: 2 };
      expect(await delivery(app(), id)).toMatchObject(paused);
      const heir = await createSegment(app());
      await butterCall(app(), 'DELETE', integrationPath(id));
      expect(await deletionOf(app(), id)).toMatchObject({ undelivered_events: 2 });
      await act(app(), heir.id, 'replay', { from_integration: id });
      const expected = messageIds(heir.id, events).toSorted();
      await until(() => expect(takenBy(heir.writeKey).toSorted()).toEqual(expected));
    });

    it('hands on what a replay of a time had still to send, each event once', async () => {
      const { id, writeKey } = await createSegment(app(), ['bounce']);
      const [sent, waiting] = [newEvent('bounce'), newEvent('bounce')];
      await postEvents(app(), [sent]);
      await until(() => expect(takenBy(writeKey)).toEqual(messageIds(id, [sent])));
      const { accepted_at: from } = await data(app(), `/api/events/${sent.sg_event_id}`);
      await act(app(), id, 'pause');
      await postEvents(app(), [waiting]);
      // the second event waits for the integration anyway, and belongs to the replay too
      expect((await act(app(), id, 'replay', { from })).json.data).toEqual({ events: 2 });
      const heir = await createSegment(app(), ['open']);
      await butterCall(app(), 'DELETE', integrationPath(id));
      expect(await deletionOf(app(), id)).toMatchObject({ undelivered_events: 2 });
      expect(await fatesOf(app(), sent, [id])).toEqual(['integration_deleted']);
      const replay = await act(app(), heir.id, 'replay', { from_integration: id });
      expect(replay.json.data).toEqual({ events: 2 });
      const expected = messageIds(heir.id, [sent, waiting]).toSorted();
      await until(() => expect(takenBy(heir.writeKey).toSorted()).toEqual(expected));
      await untilDelivery(app(), heir.id, { replays: 0, waiting_events: 0 });
      expect([...sink.takenFor(heir.writeKey).values()].flat()).toHaveLength(2);
    });

    it('calls a dead letter that is being sent again waiting, and delivered once it was', async () => {
      const { id, writeKey } = await createSegment(app(), ['unsubscribe']);
      sink.answers.set(writeKey, sinkStatus(400));
      const event = newEvent('unsubscribe');
      await postEvents(app(), [event]);
      await until(async () => expect(await fatesOf(app(), event, [id])).toEqual(['dead']));
      await act(app(), id, 'pause');
      await act(app(), id, 'dead-letters/retry');
      expect(await fatesOf(app(), event, [id])).toEqual(['waiting']);
      sink.answers.delete(writeKey);
      await act(app(), id, 'resume');
      await until(async () => expect(await fatesOf(app(), event, [id])).toEqual(['delivered']));
    });

    it('has nothing to replay from what never was, still is, or is of others', async () => {
      const { id } = await createSegment(app());
      const other = await createOrganization(app());
      const foreign = await createSegment(other);
      await butterCall(other, 'DELETE', integrationPath(foreign.id));
      for (const from_integration of ['intg_0123456789ab', id, foreign.id]) {
        const { status, json } = await act(app(), id, 'replay', { from_integration });
        expect([status, json.detail[0].loc]).toEqual([422, ['body', 'from_integration']]);
      }
    });

    it('tells what became of an event for each integration', async () => {
      const [delivered, waiting, dead, filtered] = [
        await createSegment(app(), ['spamreport']),
        await createSegment(app(), ['spamreport']),
        await createSegment(app(), ['spamreport']),
        await createSegment(app(), ['open']),
      ];
      const gone = await createSegment(app(), ['spamreport']);
      await act(app(), waiting.id, 'pause');
      await act(app(), gone.id, 'pause');
      sink.answers.set(dead.writeKey, sinkStatus(400));
      const event = newEvent('spamreport');
      await postEvents(app(), [event]);
      await butterCall(app(), 'DELETE', integrationPath(gone.id));
      const ids = [delivered, waiting, dead, filtered, gone].map(({ id }) => id);
      const fates = ['delivered', 'waiting', 'dead', 'filtered_out', 'integration_deleted'];
      await until(async () => expect(await fatesOf(app(), event, ids)).toEqual(fates));
      const other = await createOrganization(app());
      for (const [client, id] of [
        [app(), 'never-seen'],
        [other, event.sg_event_id],
      ] as const) {
        expect((await butterCall(client, 'GET', `/api/events/${id}`)).status).toBe(404);
      }
    });

    it('follows an event to where a replay has sent it', async () => {
      const owner = await createOrganization(app());
      const source = await butterCall(owner, 'POST', '/api/event-sources', {
        json: { name: 'Mail', kind: 'sendgrid' },
      });
      const target = { url: app().url, eventSourceId: source.json.data.source_id };
      const early = newEvent('bounce');
      await postEvents(target, [early]);
      const { id, writeKey } = await createSegment(owner, ['open']);
      const event = newEvent('bounce');
      await postEvents(target, [event, newEvent('click')]);
      const fates = async () =>
        (await Promise.all([early, event].map(async (each) => await fatesOf(owner, each, [id])))).flat();
      expect(await fates()).toEqual([undefined, 'filtered_out']);
      await act(owner, id, 'pause');
      await act(owner, id, 'replay', { from: '2020-01-01T00:00:00Z', email_events: ['bounce'] });
      expect(await fates()).toEqual(['waiting', 'waiting']);
      await act(owner, id, 'resume');
      await untilDelivery(owner, id, { replays: 0, waiting_events: 0 });
      expect(takenBy(writeKey)).toEqual(messageIds(id, [early, event]));
      expect(await fates()).toEqual(['delivered', 'delivered']);
      await butterCall(owner, 'DELETE', integrationPath(id));
      expect(await fates()).toEqual(['delivered', 'delivered']);
    });

    it('calls delivered what was refused once and taken when it came again, or by a replay', async () => {
      const { id, writeKey } = await createSegment(app(), ['group_resubscribe']);
      const [twice, replayed] = newEvents(2, 'group_resubscribe');
      if (twice === undefined || replayed === undefined) throw new Error('two were made');
      sink.answers.set(writeKey, sinkStatus(400));
      await postEvents(app(), [twice, replayed]);
      await untilDelivery(app(), id, { dead_letters: 2, waiting_events: 0 });
      const { accepted_at: from } = await data(app(), `/api/events/${replayed.sg_event_id}`);
      // refused again, it is one dead letter still
      await act(app(), id, 'replay', { from });
      await untilDelivery(app(), id, { dead_letters: 2, replays: 0, waiting_events: 0 });
      const fates = async () =>
        (await Promise.all([twice, replayed].map(async (each) => await fatesOf(app(), each, [id])))).flat();
      expect(await fates()).toEqual(['dead', 'dead']);
      sink.answers.delete(writeKey);
      await postEvents(app(), [twice]);
      await until(async () => expect(await fates()).toEqual(['delivered', 'dead']));
      await act(app(), id, 'replay', { from });
      await until(async () => expect(await fates()).toEqual(['delivered', 'delivered']));
    });
  }, environment);
});
