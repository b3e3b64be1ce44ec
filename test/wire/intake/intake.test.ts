import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startApp, type TestApp } from '../../support/app.ts';
import { type ButterClient, butterCall, createOrganization } from '../../support/butter.ts';
import { call } from '../../support/http.ts';
import { onBothDatabases } from '../../support/matrix.ts';
import { SegmentSink } from '../../support/segment-sink.ts';
import { hold, query } from '../../support/sql.ts';
import {
  bodyOfBytes,
  createSegment,
  newEvent,
  newEvents,
  newSigningKey,
  postBody,
  postEvents,
  type SigningKey,
  signedHeaders,
  sized,
  toBody,
} from '../../support/webhook.ts';

const mebibyte = 1_024 * 1_024;
const hourSeconds = 60 * 60;

const sink = await SegmentSink.start();
const environment = { ...sink.environment, JACKFIELD_SEGMENT_INTEGRATION_LIMIT: '1000' };
afterAll(async () => await sink[Symbol.asyncDispose]());

const nowSeconds = () => Math.floor(Date.now() / 1_000);

async function until(condition: () => Promise<void> | void): Promise<void> {
  await vi.waitFor(condition, { timeout: 20_000, interval: 20 });
}

async function createSource(client: ButterClient, publicKey: string | null = null): Promise<string> {
  const json = { name: 'Mail', kind: 'sendgrid', public_key: publicKey };
  const { json: created } = await butterCall(client, 'POST', '/api/event-sources', { json });
  return created.data.source_id;
}

async function signedTarget(client: ButterClient, key: SigningKey) {
  return { url: client.url, eventSourceId: await createSource(client, key.publicKey) };
}

describe('the intake of events', () => {
  onBothDatabases((app) => {
    const follow = async (id: string) => await butterCall(app(), 'GET', `/api/events/${id}`);

    it('answers 200 with what it took, and knows the events from then on', async () => {
      const event = newEvent('dropped');
      const answer = await postBody(app(), toBody([event]));
      expect([answer.status, answer.json]).toEqual([200, { accepted: 1, rejected: 0 }]);
      expect((await follow(event.sg_event_id)).json.data).toMatchObject({ event: 'drop', received: 1 });
    });

    it('knows no event that it has not taken, also by a name that cannot be stored', async () => {
      for (const id of ['unknown', 'a%00b', '%00']) expect((await follow(id)).status).toBe(404);
    });

    it('lists what was no event, newest first, page by page, each with its reason', async () => {
      const owner = await createOrganization(app());
      const target = { url: app().url, eventSourceId: await createSource(owner) };
      await postBody(target, '[0, {"sg_event_id":"a"}]');
      await postBody(target, `[${'null,'.repeat(101)}{"event":"open"},1]`);
      const list = async (page: string) =>
        (await butterCall(owner, 'GET', `/api/rejected-elements?${page}`)).json;
      const first = await list('limit=2');
      expect(first.data).toMatchObject([
        { reason: 'no sg_event_id', element: '', count: 1 },
        { reason: 'not an object', element: '', count: 2, source_id: target.eventSourceId },
      ]);
      const second = await list(`limit=100&cursor=${first.pagination.next_cursor}`);
      expect(second.data).toHaveLength(100);
      const last = await list(`cursor=${second.pagination.next_cursor}`);
      expect(last.data).toMatchObject([
        { reason: 'no event name', element: '{"sg_event_id":"a"}', count: 1 },
        { reason: 'not an object', element: '0', count: 1, source_id: target.eventSourceId },
      ]);
      expect(last.pagination).toEqual({ next_cursor: null, has_more: false, page_size: 50 });
      expect((await list('cursor=x')).detail).toBeDefined();
    });

    it('takes an empty array', async () => {
      const answer = await postBody(app(), '[]');
      expect([answer.status, answer.json]).toEqual([200, { accepted: 0, rejected: 0 }]);
    });

    it('takes a compressed body', async () => {
      const event = newEvent();
      const body = new Uint8Array(gzipSync(toBody([event])));
      const answer = await postBody(app(), body, { headers: { 'content-encoding': 'gzip' } });
      expect([answer.status, answer.json.accepted]).toEqual([200, 1]);
      expect((await follow(event.sg_event_id)).status).toBe(200);
    });

    it.each([
      ['gzip', 'not gzip', 400],
      ['br', '[]', 415],
      ['gzip, gzip', '[]', 415],
    ])('refuses Content-Encoding %s of %j with %i', async (encoding, body, status) => {
      const answer = await postBody(app(), body, { headers: { 'content-encoding': encoding } });
      expect(answer.status).toBe(status);
    });

    it('takes 8 MB and no more, also when they come compressed', async () => {
      for (const bytes of [5 * mebibyte, 8 * mebibyte]) {
        expect((await postBody(app(), bodyOfBytes(bytes))).status).toBe(200);
      }
      const full = new Uint8Array(gzipSync(bodyOfBytes(8 * mebibyte)));
      const compressed = await postBody(app(), full, { headers: { 'content-encoding': 'gzip' } });
      expect([compressed.status, compressed.json]).toMatchObject([200, { rejected: 0 }]);
      const tooLong = bodyOfBytes(8 * mebibyte + 1);
      const plain = await postBody(app(), tooLong);
      expect([plain.status, plain.json.error]).toEqual([413, 'payload_too_large']);
      const headers = { 'content-encoding': 'gzip' };
      const bomb = await postBody(app(), new Uint8Array(gzipSync(tooLong)), { headers });
      expect([bomb.status, bomb.json.error]).toEqual([413, 'payload_too_large']);
    });

    it('keeps a broken element as rejected and takes the rest', async () => {
      const good = newEvents(2);
      const deep = `${'['.repeat(50_000)}{"1":2}${']'.repeat(50_000)}`;
      const body = `[${JSON.stringify(good[0])},null,{"event":"open"},${deep},${JSON.stringify(good[1])}]`;
      const answer = await postBody(app(), body);
      expect([answer.status, answer.json]).toEqual([200, { accepted: 2, rejected: 3 }]);
      for (const { sg_event_id: id } of good) expect((await follow(id)).status).toBe(200);
    });

    it.each(['{}', 'null', '7', '"text"', '', '[', '[{]'])('refuses the body %j', async (body) => {
      const { status, json } = await postBody(app(), body);
      expect([status, json.error]).toEqual([400, 'invalid_request']);
      expect(json.message).toContain('must be a JSON array');
    });

    it('loses only the element that is not UTF-8', async () => {
      const [first, second] = [newEvent(), newEvent()];
      const [before, after] = toBody([first, newEvent('open', { name: 'Zo?' }), second]).split('?');
      const parts = [Buffer.from(before ?? ''), Buffer.from([0xff]), Buffer.from(after ?? '')];
      const answer = await postBody(app(), new Uint8Array(Buffer.concat(parts)));
      expect([answer.status, answer.json]).toEqual([200, { accepted: 2, rejected: 1 }]);
      for (const { sg_event_id: id } of [first, second]) expect((await follow(id)).status).toBe(200);
      const nothing = await postBody(app(), new Uint8Array([0xff]));
      expect([nothing.status, nothing.json.error]).toEqual([400, 'invalid_request']);
    });

    it('rejects an event above 256 KB and takes those beside it', async () => {
      const [large, small] = [sized(256 * 1_024 + 1), newEvent()];
      const answer = await postBody(app(), toBody([large, small]));
      expect([answer.status, answer.json]).toEqual([200, { accepted: 1, rejected: 1 }]);
      expect((await follow(large.sg_event_id)).status).toBe(404);
    });

    it('counts the elements of a post that is full of nothing, and keeps few of them', async () => {
      const event = newEvent();
      const answer = await postBody(app(), `[${'0,'.repeat(700_000)}${JSON.stringify(event)}]`);
      expect([answer.status, answer.json]).toEqual([200, { accepted: 1, rejected: 700_000 }]);
      const { json } = await butterCall(app(), 'GET', `/api/events/${event.sg_event_id}`);
      expect(json.data.received).toBe(1);
    });

    it('keeps events of unknown types and forwards them to nobody', async () => {
      const { writeKey } = await createSegment(app());
      const unknown = newEvent('account_status_change');
      const known = newEvent();
      await postEvents(app(), [unknown, known]);
      await until(() => expect(sink.tracksFor(writeKey)).toHaveLength(1));
      expect(sink.requestsFor(writeKey).flatMap((request) => request.batch)).toHaveLength(1);
      expect((await follow(unknown.sg_event_id)).json.data).toMatchObject({ event: null, received: 1 });
    });

    it('knows nothing of a source that does not exist', async () => {
      for (const eventSourceId of [`src_${'0'.repeat(32)}`, 'src_1', 'x']) {
        const answer = await postBody({ ...app(), eventSourceId }, toBody(newEvents(1)));
        expect([answer.status, answer.json.error]).toEqual([404, 'event_source_not_found']);
      }
      expect((await call(app(), 'GET', `/events/sendgrid/${app().eventSourceId}`)).status).toBe(405);
      expect((await call(app(), 'POST', '/events/other')).status).toBe(404);
    });

    it('knows nothing of a deleted source within a second or so', async () => {
      const eventSourceId = await createSource(app());
      const target = { url: app().url, eventSourceId };
      await postEvents(target, newEvents(1));
      expect((await butterCall(app(), 'DELETE', `/api/event-sources/${eventSourceId}`)).status).toBe(200);
      const deletedAt = performance.now();
      await until(async () => expect((await postBody(target, '[]')).status).toBe(404));
      expect(performance.now() - deletedAt).toBeLessThan(2_000);
    });

    it('checks the signature where the source has a key', async () => {
      const key = newSigningKey();
      const target = await signedTarget(app(), key);
      const body = toBody(newEvents(2));
      const missing = await postBody(target, body);
      expect([missing.status, missing.json.error]).toEqual([401, 'signature_missing']);
      const foreign = await postBody(target, body, { headers: signedHeaders(newSigningKey(), body) });
      expect([foreign.status, foreign.json.error]).toEqual([403, 'signature_invalid']);
      const changed = await postBody(target, body.trimEnd(), { headers: signedHeaders(key, body) });
      expect(changed.status).toBe(403);
      expect((await postBody(target, body, { headers: signedHeaders(key, body) })).status).toBe(200);
    });

    it('checks the signature of what was compressed', async () => {
      const key = newSigningKey();
      const body = toBody(newEvents(1));
      const headers = { ...signedHeaders(key, body), 'content-encoding': 'gzip' };
      const target = await signedTarget(app(), key);
      expect((await postBody(target, new Uint8Array(gzipSync(body)), { headers })).status).toBe(200);
    });

    it.each([
      ['a day old', -24 * hourSeconds, 200],
      ['older than SendGrid repeats', -26 * hourSeconds, 403],
      ['a minute ahead', 60, 200],
      ['an hour ahead', hourSeconds, 403],
    ])('answers a signature that is %s', async (_, seconds, status) => {
      const key = newSigningKey();
      const body = toBody(newEvents(1));
      const headers = signedHeaders(key, body, nowSeconds() + seconds);
      expect((await postBody(await signedTarget(app(), key), body, { headers })).status).toBe(status);
    });

    it('forwards an event once, however often SendGrid repeats it', async () => {
      const { writeKey } = await createSegment(app());
      const [first, second] = [newEvent(), newEvent()];
      for (const batch of [[first], [first, first], [first, second]]) await postEvents(app(), batch);
      await until(() => expect(sink.takenFor(writeKey).size).toBe(2));
      expect((await follow(first.sg_event_id)).json.data.received).toBe(4);
    });

    it('puts concurrent posts into one order, each in the order of its array', async () => {
      const { id, writeKey } = await createSegment(app());
      const posts = Array.from({ length: 20 }, (_, post) =>
        Array.from({ length: 10 }, (__, index) => newEvent('open', { sg_message_id: `${post}-${index}` })),
      );
      await Promise.all(posts.map(async (events) => await postEvents(app(), events)));
      await until(() => expect(sink.takenFor(writeKey).size).toBe(200));
      const order = sink.tracksFor(writeKey).map((track) => String(track.properties['email_id']));
      for (const [post] of posts.entries()) {
        const own = order.filter((each) => each.startsWith(`${post}-`));
        expect(own).toEqual(Array.from({ length: 10 }, (_, index) => `${post}-${index}`));
      }
      await until(async () => expect(await spanOfAttempts(app(), id)).toEqual({ events: 200, places: 200 }));
    });
  }, environment);
});

/** How many events the attempts sent, and over how many places of the log. */
async function spanOfAttempts(client: ButterClient, id: string) {
  const { json } = await butterCall(client, 'GET', `/api/integrations/${id}/attempts`);
  const attempts: readonly { events: number; first_position: number; last_position: number }[] = json.data;
  const first = Math.min(...attempts.map((each) => each.first_position));
  const last = Math.max(...attempts.map((each) => each.last_position));
  return { events: attempts.reduce((sum, each) => sum + each.events, 0), places: last - first + 1 };
}

describe('the intake of events, seen from its database', () => {
  let started: TestApp | undefined;
  beforeAll(async () => {
    started = await startApp('postgres');
  });
  afterAll(async () => await started?.[Symbol.asyncDispose]());
  const app = (): TestApp => {
    if (started === undefined) throw new Error('the app runs only inside tests');
    return started;
  };
  const url = () => app().database.environment['DATABASE_URL'] ?? '';
  const countEvents = async (): Promise<number> => {
    const [row] = await query(url(), 'select count(*)::integer as count from event');
    return Number(row?.['count']);
  };

  it('answers only when the events are durable, and lets posts that wait share a commit', async () => {
    const before = await countEvents();
    const lock = await hold(url(), 'select from event_head for update');
    const posts = [postBody(app(), toBody(newEvents(3)))];
    await until(async () => expect(await lock.waiters()).toBe(1));
    for (let count = 0; count < 9; count++) posts.push(postBody(app(), toBody(newEvents(3))));
    const settled: unknown[] = [];
    for (const post of posts) void post.then((answer) => settled.push(answer));
    // served in the meantime: the server is not just slow
    await until(async () => expect((await call(app(), 'GET', '/readyz')).status).toBe(200));
    expect([settled, await countEvents(), await lock.waiters()]).toEqual([[], before, 1]);
    await lock[Symbol.asyncDispose]();
    expect((await Promise.all(posts)).map(({ status }) => status)).toEqual(posts.map(() => 200));
    const [row] = await query(
      url(),
      `select count(*)::integer as count, count(distinct xmin::text)::integer as commits,
          (max(position) - min(position) + 1)::integer as places, count(distinct position)::integer as positions
        from event where position > ${before}`,
    );
    // the first alone; the others came while it waited
    expect(row).toMatchObject({ count: 30, places: 30, positions: 30, commits: 2 });
  });
});
