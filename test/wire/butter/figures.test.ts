import { afterAll, describe, expect, it } from 'vitest';
import { type ButterClient, butterCall, createOrganization, createTwilio } from '../../support/butter.ts';
import { data, integrationPath, until, untilDelivery, unusable } from '../../support/delivery.ts';
import { onBothDatabases } from '../../support/matrix.ts';
import { SegmentSink } from '../../support/segment-sink.ts';
import { createEventSource, createSegment, newEvent, newEvents, postEvents } from '../../support/webhook.ts';

const sink = await SegmentSink.start();
afterAll(async () => await sink[Symbol.asyncDispose]());

const minuteMs = 60_000;
const inMinutes = (minutes: number) =>
  new Date((Math.floor(Date.now() / minuteMs) + minutes) * minuteMs).toISOString();
const none = { p50: null, p95: null, p99: null };

interface Step {
  readonly at: string;
  readonly received: number;
  readonly forwarded: number;
  readonly rejected: number;
  readonly retried: number;
  readonly latency_ms: Readonly<Record<'p50' | 'p95' | 'p99', number | null>>;
}

const stats = async (client: ButterClient, id: string, query: string): Promise<readonly Step[]> =>
  await data(client, `${integrationPath(id)}/stats?${query}`);

function sumOf(steps: readonly Step[]) {
  const sum = (what: 'received' | 'forwarded' | 'rejected' | 'retried') =>
    steps.reduce((all, step) => all + step[what], 0);
  return {
    received: sum('received'),
    forwarded: sum('forwarded'),
    rejected: sum('rejected'),
    retried: sum('retried'),
  };
}

describe('the figures of an integration', () => {
  onBothDatabases((app) => {
    it('count what came in, went out, was refused and tried again, in the step in which it was', async () => {
      const own = await createOrganization(app());
      const source = await createEventSource(own);
      const { id, writeKey } = await createSegment(own, ['open', 'delivered']);
      const answers = [503, 200];
      sink.answers.set(writeKey, (response) => void response.writeHead(answers.shift() ?? 200).end());
      const from = inMinutes(-1);
      await postEvents(source, [...newEvents(3, 'open'), newEvent('bounce'), unusable()]);
      await untilDelivery(own, id, { waiting_events: 0, dead_letters: 1 });

      // the last attempt is noted after the cursor has moved
      const expected = { received: 4, forwarded: 3, rejected: 1, retried: 3 };
      await until(async () => expect(sumOf(await stats(own, id, `from=${from}`))).toEqual(expected));
      const steps = await stats(own, id, `from=${from}&to=${inMinutes(3)}&step=60`);
      expect(sumOf(steps)).toEqual(expected);
      expect(steps.map(({ at }) => Date.parse(at) - Date.parse(from))).toEqual(
        steps.map((_, index) => index * minuteMs),
      );
      expect(steps.length).toBeGreaterThanOrEqual(4);
      for (const { forwarded, retried, latency_ms: latency } of steps) {
        if (forwarded + retried === 0) expect(latency).toEqual(none);
        else {
          const { p50, p95, p99 } = latency;
          expect([p50, p95, p99].toSorted((a, b) => Number(a) - Number(b))).toEqual([p50, p95, p99]);
          expect(p50).toBeGreaterThanOrEqual(0);
        }
      }
      // a range within minutes is of all of them
      const within = `from=${from.replace('00.000Z', '59.999Z')}&to=${inMinutes(2).replace('00.000Z', '00.001Z')}`;
      expect((await stats(own, id, within)).map(({ at }) => at)).toEqual(
        (await stats(own, id, `from=${from}&to=${inMinutes(3)}`)).map(({ at }) => at),
      );
      const [whole, ...further] = await stats(own, id, `from=${from}&to=${inMinutes(3)}&step=86400`);
      expect([sumOf(whole === undefined ? [] : [whole]), further]).toEqual([expected, []]);

      // a filter of now: what it wants, whenever it came in
      const json = { filters: { email_events: ['bounce'] } };
      expect((await butterCall(own, 'PUT', integrationPath(id), { json })).status).toBe(200);
      expect(sumOf(await stats(own, id, `from=${from}`))).toEqual({ ...expected, received: 1 });

      expect(sumOf(await stats(own, id, `from=${inMinutes(-100)}&to=${from}`))).toEqual({
        received: 0,
        forwarded: 0,
        rejected: 0,
        retried: 0,
      });
      expect(await stats(own, id, `from=${from}&to=${from}`)).toEqual([]);
      expect(await stats(own, id, `from=${inMinutes(2)}&to=${from}`)).toEqual([]);
    });

    it('tell no latency of events that were no request', async () => {
      const own = await createOrganization(app());
      const source = await createEventSource(own);
      const { id } = await createSegment(own);
      await postEvents(source, [unusable(), unusable()]);
      await untilDelivery(own, id, { waiting_events: 0, dead_letters: 2 });
      const read = async () => await stats(own, id, `from=${inMinutes(-5)}&step=3600`);
      await until(async () => expect(sumOf(await read()).rejected).toBe(2));
      expect((await read()).map((step) => step.latency_ms)).toEqual([none]);
    });

    it("are nobody else's, and none of one that takes no events", async () => {
      const { id } = await createSegment(app());
      const stranger = await createOrganization(app());
      const from = `from=${inMinutes(-1)}`;
      for (const path of [integrationPath(id), integrationPath('intg_000000000000')]) {
        const { status, json } = await butterCall(stranger, 'GET', `${path}/stats?${from}`);
        expect([status, json.success ?? false]).toEqual([404, false]);
      }
      const twilio = await createTwilio(app());
      const { status } = await butterCall(app(), 'GET', `${integrationPath(twilio)}/stats?${from}`);
      expect(status).toBe(422);
    });

    it.each([
      ['from', ''],
      ['from', 'from=yesterday'],
      ['from', 'from=2020-01-01T00:00:00'],
      ['from', 'from=0000-01-01T00:00:00Z'],
      ['to', 'from=2020-01-01T00:00:00Z&to=1969-12-31T23:59:59Z'],
      ['step', 'from=2020-01-01T00:00:00Z&step=0'],
      ['step', 'from=2020-01-01T00:00:00Z&step=-60'],
      ['step', 'from=2020-01-01T00:00:00Z&step=1.5'],
      ['step', 'from=2020-01-01T00:00:00Z&step=30'],
      ['step', 'from=2020-01-01T00:00:00Z&step=90'],
      ['step', 'from=2020-01-01T00:00:00Z&step=10000000'],
      // too many steps
      ['step', 'from=2020-01-01T00:00:00Z&to=2020-01-02T01:01:00Z&step=60'],
      ['step', 'from=2020-01-01T00:00:00Z&step=60&step=120'],
    ])('refuse an unusable %s: %s', async (name, query) => {
      const at = `${integrationPath('intg_000000000000')}/stats?${query}`;
      const { status, json } = await butterCall(app(), 'GET', at);
      expect([status, json.detail[0].loc]).toEqual([422, ['query', name]]);
    });
  }, sink.environment);
});
