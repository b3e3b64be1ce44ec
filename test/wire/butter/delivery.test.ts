import { afterAll, describe, expect, it } from 'vitest';
import { butterCall, createOrganization, createTwilio, twilioCredentials } from '../../support/butter.ts';
import {
  act,
  changeFilter,
  data,
  deadLetters,
  delivery,
  fatesOf,
  integrationPath,
  messageIds,
  until,
  untilDelivery,
  unusable,
} from '../../support/delivery.ts';
import { onBothDatabases } from '../../support/matrix.ts';
import { SegmentSink, sinkStatus } from '../../support/segment-sink.ts';
import { hold } from '../../support/sql.ts';
import { createSegment, newEvent, newEvents, postEvents } from '../../support/webhook.ts';

const sink = await SegmentSink.start();
const environment = { ...sink.environment, JACKFIELD_SEGMENT_INTEGRATION_LIMIT: '1000' };
afterAll(async () => await sink[Symbol.asyncDispose]());

const takenBy = (writeKey: string) => [...sink.takenFor(writeKey).keys()];

describe('the delivery of events', () => {
  onBothDatabases((app) => {
    it('reaches Segment with key, region and times as its API asks for', async () => {
      const { id, writeKey } = await createSegment(app());
      const event = newEvent('click', { url: 'https://example.com' });
      const before = Date.now();
      await postEvents(app(), [event]);
      await until(() => expect(takenBy(writeKey)).toEqual(messageIds(id, [event])));
      const [request] = sink.requestsFor(writeKey);
      expect(request).toMatchObject({ path: '/v1/batch', headers: { 'content-type': 'application/json' } });
      expect(Date.parse(request?.sentAt ?? '')).toBeGreaterThanOrEqual(before);
      expect(sink.tracksFor(writeKey)).toMatchObject([
        { event: 'Email Link Clicked', timestamp: '2023-11-14T22:13:20.000Z' },
      ]);
    });

    it('follows the filter, and each integration has its own', async () => {
      const opens = await createSegment(app(), ['open', 'machine_opened']);
      const drops = await createSegment(app(), ['drop']);
      const [open, machine, drop, click] = [
        newEvent('open'),
        newEvent('open', { sg_machine_open: true }),
        newEvent('dropped'),
        newEvent('click'),
      ];
      await postEvents(app(), [open, machine, drop, click]);
      await until(() => expect(takenBy(opens.writeKey)).toEqual(messageIds(opens.id, [open, machine])));
      await until(() => expect(takenBy(drops.writeKey)).toEqual(messageIds(drops.id, [drop])));
    });

    it('follows a changed filter for the events that come after the change only', async () => {
      const { id, writeKey } = await createSegment(app(), ['open']);
      await act(app(), id, 'pause');
      const before = [newEvent('open'), newEvent('click')];
      await postEvents(app(), before);
      await changeFilter(app(), id, ['click']);
      const after = [newEvent('open'), newEvent('click')];
      await postEvents(app(), after);
      expect(await delivery(app(), id)).toMatchObject({ waiting_events: 2 });
      const fates = await Promise.all(
        [...before, ...after].map(async (each) => await fatesOf(app(), each, [id])),
      );
      expect(fates.flat()).toEqual(['waiting', 'filtered_out', 'filtered_out', 'waiting']);
      await act(app(), id, 'resume');
      const wanted = [...before.slice(0, 1), ...after.slice(1)];
      await until(() => expect(takenBy(writeKey)).toEqual(messageIds(id, wanted)));
      await untilDelivery(app(), id, { waiting_events: 0 });
    });

    it('begins with what comes in after an integration was made', async () => {
      const early = newEvent();
      await postEvents(app(), [early]);
      const { id, writeKey } = await createSegment(app());
      const late = newEvent();
      await postEvents(app(), [late]);
      await until(() => expect(takenBy(writeKey)).toEqual(messageIds(id, [late])));
      expect(await fatesOf(app(), early, [id])).toEqual([undefined]);
    });

    it('begins in the past where that is asked for, with what its filter wants', async () => {
      const owner = await createOrganization(app());
      const created = await butterCall(owner, 'POST', '/api/event-sources', {
        json: { name: 'Mail', kind: 'sendgrid' },
      });
      const target = { url: app().url, eventSourceId: created.json.data.source_id };
      const [opened, clicked] = [newEvent('open'), newEvent('click')];
      await postEvents(target, [opened, clicked]);
      const { id, writeKey } = await createSegment(owner, ['click'], { start_from: '2020-01-01T00:00:00Z' });
      await until(() => expect(takenBy(writeKey)).toEqual(messageIds(id, [clicked])));
      expect(await fatesOf(owner, opened, [id])).toEqual(['filtered_out']);
      await untilDelivery(owner, id, { waiting_events: 0, lag_seconds: 0 });
      const late = await createSegment(owner, ['click'], { start_from: '2100-01-01T00:00:00Z' });
      expect(await fatesOf(owner, clicked, [late.id])).toEqual([undefined]);
    });

    it.each([
      [{ start_from: 'yesterday' }, 'segment'],
      [{ start_from: '2020-01-01T00:00:00Z' }, 'twilio'],
    ])('is not begun from %j for %s', async (fields, provider) => {
      const credentials =
        provider === 'segment' ? { write_key: 'wk1', destination_region: 'US' } : twilioCredentials;
      const json = { name: 'One', credentials: { provider, ...credentials }, ...fields };
      const refused = await butterCall(app(), 'POST', '/api/integrations', { json });
      expect([refused.status, refused.json.detail[0].loc]).toEqual([422, ['body', 'start_from']]);
    });

    it('tells its state: what was last taken, or how it fails and when it tries again', async () => {
      const { id, writeKey } = await createSegment(app());
      expect(await delivery(app(), id)).toEqual({
        integration_id: id,
        state: 'running',
        waiting_events: 0,
        oldest_waiting_at: null,
        lag_seconds: 0,
        missed_events: 0,
        dead_letters: 0,
        replays: 0,
        last_success_at: null,
        last_error: null,
        last_error_at: null,
        next_attempt_at: null,
      });
      sink.answers.set(writeKey, sinkStatus(500));
      const events = newEvents(3);
      await postEvents(app(), events);
      await untilDelivery(app(), id, { state: 'backing_off', waiting_events: 3, last_error: 'status 500' });
      const failing = await delivery(app(), id);
      const [oldest] = events;
      const { accepted_at } = await data(app(), `/api/events/${oldest?.sg_event_id}`);
      expect(failing.oldest_waiting_at).toBe(accepted_at);
      expect(failing.lag_seconds).toBeLessThan(60);
      expect(Date.parse(failing.next_attempt_at)).toBeGreaterThanOrEqual(Date.parse(failing.last_error_at));
      sink.answers.delete(writeKey);
      await until(() => expect(takenBy(writeKey)).toEqual(messageIds(id, events)));
      await untilDelivery(app(), id, { state: 'running', waiting_events: 0, last_error: 'status 500' });
      expect((await delivery(app(), id)).last_success_at).not.toBeNull();
    });

    it('says of an attempt without an answer why there was none', async () => {
      const { id, writeKey } = await createSegment(app());
      sink.answers.set(writeKey, (response) => {
        if (sink.requestsFor(writeKey).length > 1) return void response.end('{}');
        response.socket?.resetAndDestroy();
      });
      await postEvents(app(), newEvents(1));
      await until(async () =>
        expect(await data(app(), `${integrationPath(id)}/attempts`)).toMatchObject([
          { outcome: 'delivered', status: 200, error: null },
          { outcome: 'retry', status: null, error: 'connection reset', answer: '' },
        ]),
      );
    });

    it('lists its attempts newest first, page by page', async () => {
      const { id, writeKey } = await createSegment(app());
      sink.answers.set(writeKey, (response) => {
        const first = sink.requestsFor(writeKey).length === 1;
        response.writeHead(first ? 503 : 200).end(first ? 'busy' : '{}');
      });
      await postEvents(app(), newEvents(2));
      await until(async () => expect(await data(app(), `${integrationPath(id)}/attempts`)).toHaveLength(2));
      const newest = await butterCall(app(), 'GET', `${integrationPath(id)}/attempts?limit=1`);
      expect(newest.json).toMatchObject({
        data: [{ outcome: 'delivered', status: 200, events: 2, answer: '{}' }],
        pagination: { has_more: true, page_size: 1 },
      });
      const cursor = newest.json.pagination.next_cursor;
      const oldest = await butterCall(
        app(),
        'GET',
        `${integrationPath(id)}/attempts?limit=1&cursor=${cursor}`,
      );
      expect(oldest.json).toMatchObject({
        data: [{ outcome: 'retry', status: 503, events: 2, answer: 'busy' }],
        pagination: { has_more: false, next_cursor: null },
      });
      expect((await butterCall(app(), 'GET', `${integrationPath(id)}/attempts?cursor=x`)).status).toBe(400);
    });

    it('sets aside what cannot be sent, and sends what is around it', async () => {
      const { id, writeKey } = await createSegment(app());
      const [before, broken, after] = [newEvent(), unusable(), newEvent()];
      await postEvents(app(), [before, broken, after]);
      await until(() => expect(takenBy(writeKey)).toEqual(messageIds(id, [before, after])));
      await untilDelivery(app(), id, { dead_letters: 1, waiting_events: 0 });
      expect(await deadLetters(app(), id)).toMatchObject([
        { sg_event_id: broken.sg_event_id, event: 'delivered', reason: 'no recipient' },
      ]);
    });

    it('pauses and goes on in order', async () => {
      const { id, writeKey } = await createSegment(app());
      expect((await act(app(), id, 'pause')).json.message).toBe('Integration paused successfully');
      const events = newEvents(5);
      for (const event of events) await postEvents(app(), [event]);
      expect(await delivery(app(), id)).toMatchObject({ state: 'paused', waiting_events: 5 });
      expect((await butterCall(app(), 'GET', `${integrationPath(id)}/usage`)).json.data.waiting_events).toBe(
        5,
      );
      expect(sink.requestsFor(writeKey)).toEqual([]);
      await act(app(), id, 'pause');
      expect((await act(app(), id, 'resume')).json.message).toBe('Integration resumed successfully');
      await until(() => expect(takenBy(writeKey)).toEqual(messageIds(id, events)));
      await untilDelivery(app(), id, { state: 'running', waiting_events: 0 });
      const actions = (await data(app(), `/api/audit-log?target_id=${id}`)).map(
        (entry: { action: string }) => entry.action,
      );
      expect(actions).toEqual(['integration.resumed', 'integration.paused', 'integration.created']);
    });

    it('is nothing for an integration that takes no events', async () => {
      const id = await createTwilio(app());
      const answers = [
        await butterCall(app(), 'GET', `${integrationPath(id)}/delivery`),
        await butterCall(app(), 'GET', `${integrationPath(id)}/attempts`),
        await butterCall(app(), 'GET', `${integrationPath(id)}/dead-letters`),
        await butterCall(app(), 'DELETE', `${integrationPath(id)}/dead-letters`),
        await act(app(), id, 'dead-letters/retry'),
        await act(app(), id, 'pause'),
        await act(app(), id, 'resume'),
        await act(app(), id, 'replay', { from: '2020-01-01T00:00:00Z' }),
      ];
      for (const { status, json } of answers) {
        expect([status, json.detail[0].loc]).toEqual([422, ['path', 'integration_id']]);
      }
      expect((await butterCall(app(), 'GET', `${integrationPath(id)}/usage`)).json.data.waiting_events).toBe(
        0,
      );
    });

    it('sets events aside without waiting for whoever holds the integration', async () => {
      const url = app().database.environment['DATABASE_URL'];
      // nobody else can hold anything in the embedded database
      if (url === undefined) return;
      const { id } = await createSegment(app());
      await using _ = await hold(url, `select from integration where id = '${id}' for update`);
      await postEvents(app(), [unusable()]);
      await untilDelivery(app(), id, { dead_letters: 1, waiting_events: 0 });
    });
  }, environment);
});
