import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from './support/app.ts';
import { butterCall } from './support/butter.ts';
import {
  act,
  createSegment,
  deadLettersOf,
  deliveryOf,
  newEventIds,
  postEvents,
  sourceId,
  until,
} from './support/forwarding.ts';
import { answer, atFirst, type Conduct, HostileSink, raw, silent } from './support/hostile-sink.ts';
import { freePort } from './support/postgres-server.ts';

/** The first wave meets the bad behaviour; the second comes while it lasts, and must not overtake the first. */
const first = newEventIds('first', 12);
const second = newEventIds('second', 5);
const all = [...first, ...second];
/** What a destination refuses to take in the ways that refuse content. */
const guilty = ['first-3', 'first-7'];

const ok = 'HTTP/1.1 200 OK\r\n';
const drip =
  (start: string, status?: number): Conduct =>
  (exchange) => {
    raw(start, status)(exchange);
    const timer = setInterval(() => exchange.socket.write('x'), 100);
    exchange.socket.once('close', () => clearInterval(timer));
  };
const then =
  (conduct: Conduct, end: 'resetAndDestroy' | 'end'): Conduct =>
  (exchange) => {
    conduct(exchange);
    setImmediate(() => exchange.socket[end]());
  };
const flood: Conduct = ({ request, socket }) => {
  request.status = 200;
  const chunk = Buffer.alloc(1_000_000, 'x');
  let left = 100;
  const more = () => {
    while (left-- > 0) if (!socket.write(chunk)) return void socket.once('drain', more);
  };
  socket.write(`${ok}content-length: 100000000\r\n\r\n`);
  more();
};
const bomb = gzipSync(Buffer.alloc(50_000_000)).toString('latin1');
const refuseGuilty =
  (status: number): Conduct =>
  (exchange) =>
    answer(exchange.request.events.some(({ id }) => guilty.includes(id)) ? status : 200)(exchange);
const refuseMany: Conduct = (exchange) => answer(exchange.request.events.length > 3 ? 413 : 200)(exchange);
/** HTTP dates have whole seconds. */
const inFourSeconds: Conduct = (exchange) =>
  answer(429, { 'retry-after': new Date(Date.now() + 4_000).toUTCString() })(exchange);

/** The status says that the events were taken, whatever comes with it: once is enough. */
const delivered: Readonly<Record<string, Conduct>> = {
  'early hints before the 200': atFirst(
    raw(`HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n${ok}content-length: 0\r\n\r\n`, 200),
  ),
  '204 without a body': answer(204),
  'an answer in HTTP/1.0': then(raw('HTTP/1.0 200 OK\r\n\r\n{}', 200), 'end'),
  'a content-length too long': then(raw(`${ok}content-length: 90\r\n\r\n{}`, 200), 'end'),
  'a content-length too short': raw(`${ok}content-length: 1\r\n\r\n{"success":true}`, 200),
  'a reset in the body': then(raw(`${ok}content-length: 90\r\n\r\n{}`, 200), 'resetAndDestroy'),
  'chunks that are none': raw(`${ok}transfer-encoding: chunked\r\n\r\nzzz\r\n{}\r\n`, 200),
  'a body of 100 MB': flood,
  'a gzip bomb': raw(`${ok}content-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n${bomb}`, 200),
  'a body that hangs': atFirst(raw(`${ok}content-length: 90\r\n\r\n`, 200), 1),
  'a body that drips': atFirst(drip(`${ok}content-length: 100000\r\n\r\n`, 200), 1),
};

/** Nothing says that the events were taken: they wait, in order, and are sent again. */
const retried: Readonly<Record<string, Conduct>> = {
  'no headers ever': atFirst(silent, 1),
  'headers that drip': atFirst(drip(`${ok}x-slow: `), 1),
  'headers without end': atFirst(raw(`${ok}${`x-long: ${'x'.repeat(8_000)}\r\n`.repeat(9)}`)),
  'a reset before the headers': atFirst(then(silent, 'resetAndDestroy')),
  'a half-closed connection': atFirst(then(silent, 'end')),
  'garbage instead of HTTP': atFirst(raw(randomBytes(2_000).toString('latin1'))),
  'a switch to another protocol': atFirst(
    raw('HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
  ),
  'a redirect to itself': atFirst(answer(307, { location: '/v1/batch' })),
  'a redirect elsewhere': atFirst(answer(302, { location: '/elsewhere' })),
  ...Object.fromEntries(
    [401, 403, 404, 408, 410, 429, 460, 500, 502, 503, 504].map((status) => [
      `status ${status}`,
      atFirst(answer(status)),
    ]),
  ),
  '429 with a negative Retry-After': atFirst(answer(429, { 'retry-after': '-5' })),
  '429 with garbage as Retry-After': atFirst(answer(429, { 'retry-after': 'maybe in 2999' })),
};

/** Why there was no answer at all, as the delivery log says it. */
const unanswered: Readonly<Record<string, string>> = {
  'no headers ever': 'no answer in time',
  'headers that drip': 'no answer in time',
  'headers without end': 'unreadable answer',
  'a reset before the headers': 'connection reset',
  'a half-closed connection': 'connection reset',
  'garbage instead of HTTP': 'unreadable answer',
  'a switch to another protocol': 'connection reset',
};

/** The destination named a time: nothing comes before it. */
const named: Readonly<Record<string, readonly [Conduct, number]>> = {
  '429 with Retry-After in seconds': [atFirst(answer(429, { 'retry-after': '2' }), 1), 2_000],
  '503 with Retry-After in seconds': [atFirst(answer(503, { 'retry-after': '3' }), 1), 3_000],
  '429 with Retry-After as a date': [atFirst(inFourSeconds, 1), 2_900],
  '429 with a date that is past': [
    atFirst(answer(429, { 'retry-after': 'Sun, 06 Nov 1994 08:49:37 GMT' }), 1),
    1_000,
  ],
};
const absurd = ['1000000', '99999999999999999999', 'Fri, 31 Dec 9999 23:59:59 GMT'];

const hopeless = [402, 406, 422, 501, 505, 511];

const refusing: Readonly<Record<string, readonly [Conduct, number | undefined]>> = {
  '400 for what it dislikes': [refuseGuilty(400), 400],
  '413 for what it dislikes': [refuseGuilty(413), 413],
  '413 for more than three': [refuseMany, undefined],
};

const [sink, absentPort] = await Promise.all([HostileSink.start(), freePort()]);
afterAll(async () => await sink[Symbol.asyncDispose]());

describe('a destination with', () => {
  let app: TestApp;
  const ids = new Map<string, string>();
  const idOf = (way: string) => ids.get(way) ?? '';

  beforeAll(async () => {
    app = await startApp('embedded', {
      JACKFIELD_SEGMENT_US_URL: sink.url,
      JACKFIELD_SEGMENT_EU_URL: `http://127.0.0.1:${absentPort}`,
      JACKFIELD_SEGMENT_INTEGRATION_LIMIT: '1000',
      JACKFIELD_BOOTSTRAP_SOURCE_ID: sourceId,
    });
    const conducts = Object.entries({
      healthy: answer(200),
      ...delivered,
      ...retried,
      ...Object.fromEntries(Object.entries(named).map(([way, [conduct]]) => [way, conduct])),
      ...Object.fromEntries(
        absurd.map((time) => [`Retry-After ${time}`, atFirst(answer(429, { 'retry-after': time }), 1)]),
      ),
      ...Object.fromEntries(hopeless.map((status) => [`status ${status}`, answer(status)])),
      ...Object.fromEntries(Object.entries(refusing).map(([way, [conduct]]) => [way, conduct])),
    });
    for (const [way, conduct] of conducts) {
      sink.conducts.set(way, conduct);
      ids.set(way, await createSegment(app, { writeKey: way }));
    }
    ids.set('nobody listening', await createSegment(app, { writeKey: 'nobody listening', region: 'EU' }));
    await postEvents(app, first);
  });
  afterAll(async () => await app[Symbol.asyncDispose]());

  it('any of it delays nobody else', async () => {
    await until(() => expect(sink.taken('healthy')).toEqual(first));
    await until(() => expect(sink.requestsFor('no headers ever')).toHaveLength(1));
    await postEvents(app, second);
    await until(() => expect(sink.taken('healthy')).toEqual(all));
    // the slowest ones had not even failed by then
    const [hanging, ...more] = sink.requestsFor('no headers ever');
    expect(hanging).toMatchObject({ closedAt: undefined, status: undefined });
    expect(more).toEqual([]);
  });

  it.each(Object.keys(delivered))('%s has got the events, once', async (way) => {
    await until(() => expect(sink.taken(way)).toEqual(all));
    await until(async () => expect(await deliveryOf(app, idOf(way))).toMatchObject({ waiting_events: 0 }));
    expect(await deliveryOf(app, idOf(way))).toMatchObject({ dead_letters: 0, last_error: null });
    expect(sink.taken(way)).toEqual(all);
  });

  it.each(Object.keys(retried))('%s gets every event later, in order', async (way) => {
    await until(() => expect(sink.taken(way)).toEqual(all));
    const [failed, ...later] = sink.requestsFor(way);
    expect(failed?.status === 200).toBe(false);
    // at least half of the first back-off, after the request itself
    expect((later[0]?.beganAt ?? 0) - (failed?.beganAt ?? Infinity)).toBeGreaterThanOrEqual(240);
    expect(sink.requestsFor(way).map(({ path }) => path)).toEqual(
      sink.requestsFor(way).map(() => '/v1/batch'),
    );
    expect(later[0]?.events.slice(0, first.length)).toEqual(failed?.events.slice(0, first.length));
    const reason = unanswered[way] ?? `status ${failed?.status}`;
    expect(await deliveryOf(app, idOf(way))).toMatchObject({ dead_letters: 0, last_error: reason });
    const { json } = await butterCall(app, 'GET', `/api/integrations/${idOf(way)}/attempts?limit=100`);
    const oldest = json.data.at(-1);
    expect([oldest.status ?? null, oldest.error]).toEqual(
      way in unanswered ? [null, reason] : [failed?.status, null],
    );
  });

  it.each(Object.entries(named))('%s is left alone until then', async (way, [, leastMs]) => {
    await until(() => expect(sink.taken(way)).toEqual(all));
    const [failed, later] = sink.requestsFor(way);
    expect((later?.beganAt ?? 0) - (failed?.beganAt ?? Infinity)).toBeGreaterThanOrEqual(leastMs);
  });

  it.each(absurd)('Retry-After %s is left alone for five minutes at most', async (time) => {
    const way = `Retry-After ${time}`;
    await until(async () => expect((await deliveryOf(app, idOf(way))).state).toBe('backing_off'));
    const { next_attempt_at: next, waiting_events: waiting } = await deliveryOf(app, idOf(way));
    const waitMs = Date.parse(next ?? '') - Date.now();
    expect(waitMs).toBeGreaterThan(200_000);
    expect(waitMs).toBeLessThanOrEqual(300_000);
    expect(waiting).toBeGreaterThanOrEqual(first.length);
    expect(sink.requestsFor(way)).toHaveLength(1);
    // whoever knows better need not wait
    await act(app, `/api/integrations/${idOf(way)}/pause`);
    await act(app, `/api/integrations/${idOf(way)}/resume`);
    await until(() => expect(sink.taken(way)).toEqual(all));
  });

  it.each(hopeless)('status %i leaves dead letters with the reason', async (status) => {
    const id = idOf(`status ${status}`);
    await until(async () => expect(await deliveryOf(app, id)).toMatchObject({ waiting_events: 0 }));
    const letters = await deadLettersOf(app, id);
    expect(letters.map((each) => each.sg_event_id).toReversed()).toEqual(all);
    expect(new Set(letters.map((each) => each.reason))).toEqual(new Set([`status ${status}`]));
    // nothing was delivered, and nothing is said to have been
    expect((await deliveryOf(app, id)).last_success_at).toBeNull();
    expect(sink.requestsFor(`status ${status}`).flatMap(({ events }) => events)).toHaveLength(all.length);
  });

  it.each(Object.entries(refusing))('%s gets everything else', async (way, [, status]) => {
    const dead = status === undefined ? [] : guilty;
    await until(() => expect(sink.taken(way)).toEqual(all.filter((id) => !dead.includes(id))));
    await until(async () => expect(await deliveryOf(app, idOf(way))).toMatchObject({ waiting_events: 0 }));
    const letters = await deadLettersOf(app, idOf(way));
    expect(letters.map((each) => each.sg_event_id).toReversed()).toEqual(dead);
    for (const { reason } of letters) expect(reason).toBe(`status ${status}`);
  });

  it('nobody listening, or somebody who reads nothing, gets every event later, in order', async () => {
    const id = idOf('nobody listening');
    await until(async () => expect((await deliveryOf(app, id)).last_error).toBe('connection refused'));
    await using late = await HostileSink.start(absentPort);
    late.deaf = true;
    await act(app, `/api/integrations/${id}/pause`);
    await act(app, `/api/integrations/${id}/resume`);
    await until(() => expect(late.connections).toBe(1));
    late.deaf = false;
    late.cut();
    await until(() => expect(late.taken('nobody listening')).toEqual(all));
  });
});
