import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { butterCall } from './support/butter.ts';
import { act, createSegment, newEventIds, postEvents, until } from './support/forwarding.ts';
import { answer, type Conduct, silent } from './support/hostile-sink.ts';
import { call } from './support/http.ts';
import { createRandom, testSeed } from './support/random.ts';
import { type Worker, Workers } from './support/workers.ts';

const count = Number(process.env['JACKFIELD_TEST_REMOVALS'] ?? 60);
/** Deletes of one integration; the others go in bulk. */
const singles = Math.floor(count / 2);
const trafficLanes = 3;
const deleteLanes = 3;
const witness = 'witness that stays';
/** The test notices an arrival and an answer on one thread, in whatever order they come to it. */
const toleranceMs = 250;

const late: Conduct = (exchange) => void setTimeout(() => answer(200)(exchange), 100);
const unavailable: Conduct = (exchange) => answer(exchange.nth % 2 === 0 ? 503 : 200)(exchange);
const conducts = [answer(200), answer(200), late, silent, unavailable];

interface Doomed {
  readonly id: string;
  readonly writeKey: string;
  askedAt: number;
  answeredAt: number;
}

interface Post {
  readonly ids: readonly string[];
  readonly sentAt: number;
  takenAt: number;
}

async function deleteAll(worker: Worker, surface: '/api' | '/v3', doomed: readonly Doomed[]): Promise<void> {
  const ids = doomed.map(({ id }) => id);
  for (const each of doomed) each.askedAt = performance.now();
  const { status, text } =
    surface === '/v3'
      ? await call(worker, 'DELETE', `/v3/marketing/integrations?ids=${ids.join()}`, { key: worker.key })
      : ids.length === 1
        ? await butterCall(worker, 'DELETE', `/api/integrations/${ids[0]}`)
        : await butterCall(worker, 'POST', '/api/integrations/bulk-delete', {
            json: { integration_ids: ids },
          });
  for (const each of doomed) each.answeredAt = performance.now();
  if (status !== 200 && status !== 204) throw new Error(`not deleted: ${status} ${text}`);
}

async function undeliveredOf(worker: Worker, id: string): Promise<number> {
  const path = `/api/audit-log?target_id=${id}&action=integration.deleted`;
  const { json } = await butterCall(worker, 'GET', path);
  return json.data[0].details.undelivered_events;
}

describe(`deletes under full traffic (seed ${testSeed})`, () => {
  const random = createRandom(testSeed);
  const doomed: Doomed[] = [];
  const posts: Post[] = [];
  let workers: Workers;
  let running: readonly Worker[] = [];
  const anyOf = () => random.pick(running);

  beforeAll(async () => {
    workers = await Workers.prepare();
    running = await Promise.all([workers.start(), workers.start()]);
    const { sink } = workers;
    await createSegment(anyOf(), { writeKey: witness });
    for (let index = 0; index < count; index++) {
      const writeKey = `doomed-${index}`;
      sink.conducts.set(writeKey, conducts[index % conducts.length] ?? silent);
      doomed.push({ id: await createSegment(anyOf(), { writeKey }), writeKey, askedAt: 0, answeredAt: 0 });
    }
    const over = new AbortController();
    const traffic = async (lane: number) => {
      for (let round = 0; !over.signal.aborted; round++) {
        const post = {
          ids: newEventIds(`event-${lane}-${round}`, 20),
          sentAt: performance.now(),
          takenAt: 0,
        };
        posts.push(post);
        await postEvents(anyOf(), post.ids);
        post.takenAt = performance.now();
        await until(() => expect(sink.taken(witness).includes(post.ids.at(-1) ?? '')).toBe(true));
      }
    };
    const trafficDone = Promise.all(
      Array.from({ length: trafficLanes }, async (_, lane) => await traffic(lane)),
    );
    await until(() => {
      for (const { writeKey } of doomed) expect(sink.requestsFor(writeKey)).not.toEqual([]);
    });
    const shuffled = random.shuffled(doomed);
    const groups = shuffled.slice(0, singles).map((each) => [each]);
    const half = Math.floor((count - singles) / 2);
    groups.push(shuffled.slice(singles, singles + half), shuffled.slice(singles + half));
    const left = random
      .shuffled(groups)
      .map((group, index) => ({ group, surface: index % 2 === 0 ? '/api' : '/v3' }) as const);
    const lane = async () => {
      for (let next = left.pop(); next !== undefined; next = left.pop()) {
        await deleteAll(anyOf(), next.surface, next.group);
      }
    };
    await Promise.all(Array.from({ length: deleteLanes }, lane));
    over.abort();
    await trafficDone;
    // everything that the witness gets comes after the last delete by then: what is late would have come
    await postEvents(anyOf(), ['the last one']);
    await until(() => expect(sink.taken(witness)).toContain('the last one'));
  });
  afterAll(async () => await workers[Symbol.asyncDispose]());

  it('no request begins after the answer', () => {
    const beginnings = doomed.flatMap(({ writeKey, answeredAt }) =>
      workers.sink.requestsFor(writeKey).map(({ beganAt }) => beganAt - answeredAt),
    );
    expect(beginnings.length).toBeGreaterThanOrEqual(count);
    expect(beginnings.filter((afterMs) => afterMs > toleranceMs)).toEqual([]);
  });

  it('requests on the wire are cut off within a second', async () => {
    const held = doomed.filter(({ writeKey }) => workers.sink.conducts.get(writeKey) === silent);
    expect(held.length).toBeGreaterThan(5);
    let cut = 0;
    for (const { writeKey, askedAt, answeredAt } of held) {
      for (const { closedAt = Infinity } of workers.sink.requestsFor(writeKey)) {
        expect(closedAt - answeredAt).toBeLessThan(1_000);
        if (closedAt > askedAt) cut += 1;
      }
    }
    expect(cut).toBeGreaterThan(0);
  });

  it('the audit log names exactly what is left, and a replay to another integration sends exactly that', async () => {
    const { sink } = workers;
    for (const [index, { id, writeKey, askedAt, answeredAt }] of doomed.entries()) {
      const undelivered = await undeliveredOf(anyOf(), id);
      const certain = posts
        .filter(({ takenAt }) => takenAt > 0 && takenAt < askedAt)
        .flatMap(({ ids }) => ids);
      const possible = new Set(posts.filter(({ sentAt }) => sentAt < answeredAt).flatMap(({ ids }) => ids));
      const delivered = new Set(sink.taken(writeKey));
      expect(undelivered + delivered.size).toBeGreaterThanOrEqual(certain.length);
      expect(undelivered).toBeLessThanOrEqual(possible.size);
      // a replay of each would only take longer
      if (index % 4 !== 3 && index % 5 !== 3) continue;
      const heir = `heir of ${writeKey}`;
      const heirId = await createSegment(anyOf(), { writeKey: heir });
      const { data } = await act(anyOf(), `/api/integrations/${heirId}/replay`, { from_integration: id });
      expect(data.events).toBe(undelivered);
      await until(() => expect(sink.taken(heir)).toHaveLength(undelivered));
      const both = delivered.union(new Set(sink.taken(heir)));
      expect(new Set(sink.taken(heir)).size).toBe(undelivered);
      expect(certain.filter((each) => !both.has(each))).toEqual([]);
      expect([...both].filter((each) => !possible.has(each))).toEqual([]);
    }
  });
});
