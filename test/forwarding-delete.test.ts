import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kindsOf } from '../src/core/email-event.ts';
import { butterCall } from './support/butter.ts';
import {
  act,
  createSegment,
  newEventIds,
  postEvents,
  postWebhook,
  until,
  webhookOf,
} from './support/forwarding.ts';
import { answer, type Conduct, type HostileSink, silent } from './support/hostile-sink.ts';
import { call } from './support/http.ts';
import { createRandom, testSeed } from './support/random.ts';
import { query } from './support/sql.ts';
import { type Worker, Workers } from './support/workers.ts';

const count = Number(process.env['JACKFIELD_TEST_REMOVALS'] ?? 200);
/** Deletes of one integration; the others go in bulk. */
const singles = Math.floor(count / 2);
const bulk = 25;
const trafficLanes = 3;
const deleteLanes = 3;
const witness = 'witness that stays';
/** The test notices an arrival and an answer on one thread, in whatever order they come to it. */
const toleranceMs = 250;

const late: Conduct = (exchange) => void setTimeout(() => answer(200)(exchange), 100);
const unavailable: Conduct = (exchange) => answer(exchange.nth % 2 === 0 ? 503 : 200)(exchange);
/** What it refuses for its content becomes dead letters. */
const choosy: Conduct = (exchange) =>
  answer(exchange.request.events.some(({ id }) => id.endsWith('-7')) ? 400 : 200)(exchange);
const good = answer(200);
const conducts = [good, good, late, silent, unavailable, good, good, late, choosy, good];

interface Doomed {
  readonly id: string;
  readonly writeKey: string;
  askedAt: number;
  answeredAt: number;
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

/** Whether it was sent something in the second before. */
function hadTraffic(sink: HostileSink, { writeKey }: Doomed, now: number): boolean {
  return (sink.requestsFor(writeKey).at(-1)?.beganAt ?? 0) > now - 1_000;
}

async function undeliveredOf(worker: Worker, id: string): Promise<number> {
  const path = `/api/audit-log?target_id=${id}&action=integration.deleted`;
  const { json } = await butterCall(worker, 'GET', path);
  return json.data[0].details.undelivered_events;
}

describe(`deletes under full traffic (seed ${testSeed})`, () => {
  const random = createRandom(testSeed);
  const doomed: Doomed[] = [];
  let workers: Workers;
  let running: readonly Worker[] = [];
  const anyOf = () => random.pick(running);

  beforeAll(
    async () => {
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
          const ids = newEventIds(`event-${lane}-${round}`, 20);
          // nobody here wants clicks
          await postWebhook(anyOf(), [
            ...webhookOf(ids),
            ...webhookOf(newEventIds(`click-${lane}-${round}`, 3), 'click'),
          ]);
          await until(() => expect(sink.taken(witness).includes(ids.at(-1) ?? '')).toBe(true));
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
      for (let at = singles; at < count; at += bulk) groups.push(shuffled.slice(at, at + bulk));
      const left = random
        .shuffled(groups)
        .map((group, index) => ({ group, surface: index % 2 === 0 ? '/api' : '/v3' }) as const);
      const lane = async () => {
        for (let next = left.pop(); next !== undefined; next = left.pop()) {
          const { group, surface } = next;
          await until(() =>
            expect(group.some((each) => hadTraffic(sink, each, performance.now()))).toBe(true),
          );
          await deleteAll(anyOf(), surface, group);
        }
      };
      await Promise.all(Array.from({ length: deleteLanes }, lane));
      over.abort();
      await trafficDone;
      // everything that the witness gets comes after the last delete by then: what is late would have come
      await postEvents(anyOf(), ['the last one']);
      await until(() => expect(sink.taken(witness)).toContain('the last one'));
    },
    60_000 + count * 500,
  );
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

  it('every event that was accepted is delivered, filtered out, dead or counted as undelivered', async () => {
    const { sink, databaseUrl } = workers;
    const log = await query(databaseUrl, 'select position, kind, sg_event_id from event order by position');
    const [open] = kindsOf(['open']);
    const sums = { filtered: 0, delivered: 0, dead: 0, undelivered: 0 };
    for (const { id, writeKey } of doomed) {
      const [left] = await query(
        databaseUrl,
        `select position, end_position, array(
           select position from dead_letter d where d.integration_id = r.integration_id and discarded_at is null
         ) || dead_positions as dead_positions
         from removed_cursor r where integration_id = '${id}'`,
      );
      const dead = new Set(left?.['dead_positions'] as readonly string[]);
      const end = Number(left?.['end_position']);
      const accepted = log.filter((event) => Number(event['position']) <= end);
      const wanted = accepted.filter((event) => event['kind'] === open);
      const undelivered = wanted.filter((event) => Number(event['position']) > Number(left?.['position']));
      const settled = new Set(wanted)
        .difference(new Set(undelivered))
        .difference(new Set(wanted.filter((event) => dead.has(String(event['position'])))));
      const taken = new Set(sink.taken(writeKey));
      // nothing counts as delivered that the destination did not get, and it got nothing from after the delete
      expect([...settled].filter((event) => !taken.has(String(event['sg_event_id'])))).toEqual([]);
      expect([...taken.difference(new Set(wanted.map((event) => event['sg_event_id'])))]).toEqual([]);
      expect(await undeliveredOf(anyOf(), id)).toBe(undelivered.length + dead.size);
      sums.filtered += accepted.length - wanted.length;
      sums.delivered += settled.size;
      sums.dead += dead.size;
      sums.undelivered += undelivered.length;
      expect(accepted.length).toBe(
        accepted.length - wanted.length + settled.size + dead.size + undelivered.length,
      );
    }
    for (const sum of Object.values(sums)) expect(sum).toBeGreaterThan(0);
  });

  it('a replay to another integration sends exactly what the audit log counts', async () => {
    const { sink } = workers;
    for (const { id, writeKey } of doomed.slice(0, conducts.length)) {
      const undelivered = await undeliveredOf(anyOf(), id);
      const heir = `heir of ${writeKey}`;
      const heirId = await createSegment(anyOf(), { writeKey: heir });
      const { data } = await act(anyOf(), `/api/integrations/${heirId}/replay`, { from_integration: id });
      expect(data.events).toBe(undelivered);
      await until(() => expect(sink.taken(heir)).toHaveLength(undelivered));
      expect(new Set(sink.taken(heir)).size).toBe(undelivered);
    }
  });
});
