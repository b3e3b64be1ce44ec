import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startApp, type TestApp } from '../../support/app.ts';
import { call } from '../../support/http.ts';
import { hold, query } from '../../support/sql.ts';
import { beginUnfinished } from '../../support/unfinished-post.ts';
import { bodyOfBytes, newEvents, postBody, postEvents, toBody } from '../../support/webhook.ts';

const mebibyte = 1_024 * 1_024;

/** What a budget of 40 MB is good for, whatever else the events take. */
const mostAtOnce = 4;

describe('more posts than can be made durable', () => {
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
  const target = (source = app().eventSourceId) => `${app().url}/events/sendgrid/${source}`;
  const countEvents = async (): Promise<number> => {
    const [row] = await query(url(), 'select count(*)::integer as count from event');
    return Number(row?.['count']);
  };
  const heldBytes = async (): Promise<number> => {
    const { text } = await call(app(), 'GET', '/metrics');
    return Number(/^jackfield_intake_queue_bytes (\S+)$/m.exec(text)?.[1]);
  };
  const untilHeld = async (least: number) =>
    await vi.waitFor(async () => expect(await heldBytes()).toBeGreaterThanOrEqual(least), {
      timeout: 20_000,
      interval: 20,
    });

  it('are refused with 503, and nothing of them is taken; also before they are read', async () => {
    const before = await countEvents();
    const lock = await hold(url(), 'select from event_head for update');
    const body = bodyOfBytes(8 * mebibyte);
    const posts = Array.from({ length: mostAtOnce + 1 }, async () => await postBody(app(), body));
    const refused = await Promise.race(posts);
    expect([refused.status, refused.json.error]).toEqual([503, 'overloaded']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    await untilHeld(mostAtOnce * 8 * mebibyte);
    for (const announcedBytes of [8 * mebibyte, undefined]) {
      using unfinished = await beginUnfinished(target(), { announcedBytes, beginning: '[' });
      expect(await unfinished.answer).toEqual({ status: 503, retryAfter: '5' });
    }
    await lock[Symbol.asyncDispose]();
    const answers = await Promise.all(posts);
    const statuses = answers.map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 200, 200, 200, 503]);
    const taken = answers.reduce((sum, { json }) => sum + (json.accepted ?? 0), 0);
    expect([await countEvents(), await heldBytes()]).toEqual([before + taken, 0]);
  });

  it('are not made of one with more values than any events have, however they are nested', async () => {
    for (const body of [`[${'{},'.repeat(600_000)}{}]`, `[[${'0,'.repeat(1_000_000)}0]]`]) {
      const answer = await postBody(app(), body);
      expect([answer.status, answer.json.error]).toEqual([400, 'invalid_request']);
    }
  });

  it('are not there because clients announce much and send it slowly', async () => {
    const announcedBytes = 8 * mebibyte;
    const beginning = `[${'"x",'.repeat(1_000)}`;
    const slow = [];
    for (let count = 0; count < 20; count++) {
      slow.push(await beginUnfinished(target(), { announcedBytes, beginning }));
    }
    await untilHeld(slow.length * beginning.length);
    expect(await heldBytes()).toBe(slow.length * beginning.length);
    expect((await postBody(app(), bodyOfBytes(8 * mebibyte))).status).toBe(200);
    // who hangs up holds nothing any more, who goes on is served
    for (const post of slow.splice(1)) post[Symbol.dispose]();
    await vi.waitFor(async () => expect(await heldBytes()).toBe(beginning.length), { timeout: 10_000 });
    const end = '0]';
    slow[0]?.finish(`${' '.repeat(announcedBytes - beginning.length - end.length)}${end}`);
    expect(await slow[0]?.answer).toMatchObject({ status: 200 });
  });

  it('are no reason to read what is for nobody, or cannot be read', async () => {
    const begin = async (source: string, announcedBytes: number, headers = {}) => {
      using post = await beginUnfinished(target(source), { announcedBytes, headers, beginning: '[' });
      return (await post.answer).status;
    };
    for (const source of [`src_${'0'.repeat(32)}`, 'src_1', '%00', 'a%00b']) {
      expect(await begin(source, mebibyte)).toBe(404);
    }
    expect(await begin(app().eventSourceId, 8 * mebibyte + 1)).toBe(413);
    expect(await begin(app().eventSourceId, mebibyte, { 'content-encoding': 'br' })).toBe(415);
  });

  it('take several commits where they are large, and share them with nothing lost', async () => {
    const before = await countEvents();
    const [large, small] = [newEvents(25_000), newEvents(3)];
    await Promise.all([postEvents(app(), large), postBody(app(), toBody(small))]);
    const [row] = await query(
      url(),
      `select sum(size)::integer as count, max(size)::integer as largest
        from (select count(*) as size from event where position > ${before} group by xmin::text) commits`,
    );
    expect(row).toEqual({ count: 25_003, largest: 10_000 });
  });
});
