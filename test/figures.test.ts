import { afterAll, describe, expect, it } from 'vitest';
import { newRoleKey } from '../src/core/role-key.ts';
import { startOn } from './support/app.ts';
import { createDatabase, databaseKinds } from './support/database.ts';
import { data, integrationPath, until, untilDelivery, unusable } from './support/delivery.ts';
import { SegmentSink } from './support/segment-sink.ts';
import { change } from './support/stopped-database.ts';
import { createSegment, newEvent, newEvents, postEvents } from './support/webhook.ts';

const sink = await SegmentSink.start();
afterAll(async () => await sink[Symbol.asyncDispose]());

const eventSourceId = `src_${'00000000000000fa'.repeat(2)}`;
const organizationId = 'org_charted';
/** As if everything had happened so long ago. */
const age = (interval: string) =>
  ['delivery_attempt', 'organization_minute', 'figures_until'].map(
    (table) => `update ${table} set at = at - interval '${interval}'`,
  );

interface Step {
  readonly received: number;
  readonly forwarded: number;
  readonly rejected: number;
  readonly retried: number;
  readonly latency_ms?: { readonly p50: number | null; readonly p99: number | null };
}

describe.each(databaseKinds)('figures on %s', (kind) => {
  it('stay the same when the attempts of a minute are counted for good, and go with the attempts', async () => {
    await using database = await createDatabase(kind);
    const roleKey = newRoleKey().token;
    const start = async () => {
      const own = { roleKey, organizationId, eventSourceId, environment: sink.environment };
      const { client, ...started } = await startOn(database, kind, own);
      const read = async (id: string) => {
        const query = `from=${new Date(Date.now() - 60 * 60_000).toISOString()}&step=7200`;
        const [ofIntegration]: readonly Step[] = await data(client, `${integrationPath(id)}/stats?${query}`);
        const [ofAll]: readonly Step[] = (await data(client, `/api/overview?${query}`)).steps;
        return { ofIntegration, ofAll };
      };
      return { ...started, client, read };
    };
    let id = '';
    let expected: Awaited<ReturnType<Awaited<ReturnType<typeof start>>['read']>>;
    {
      await using first = await start();
      const segment = await createSegment(first.client, ['open', 'delivered']);
      id = segment.id;
      const beside = await createSegment(first.client, ['bounce']);
      const answers = [503, 200];
      sink.answers.set(segment.writeKey, (response) => void response.writeHead(answers.shift() ?? 200).end());
      const events = [...newEvents(3, 'open'), newEvent('bounce'), newEvent('click'), unusable()];
      await postEvents(first.client, events);
      await untilDelivery(first.client, segment.id, { waiting_events: 0, dead_letters: 1 });
      await untilDelivery(first.client, beside.id, { waiting_events: 0 });
      await until(async () => {
        const { ofIntegration, ofAll } = await first.read(id);
        expect(ofIntegration).toMatchObject({ received: 4, forwarded: 3, rejected: 1, retried: 3 });
        expect(ofAll).toMatchObject({ received: 6, forwarded: 4, rejected: 1, retried: 3 });
      });
      expected = await first.read(id);
    }
    await change(database, age('10 minutes'));
    {
      // counts the minutes that are over before it ends
      await using second = await start();
      expect(await second.read(id)).toEqual({
        ...expected,
        ofIntegration: { ...expected.ofIntegration, at: expect.any(String) },
        ofAll: { ...expected.ofAll, at: expect.any(String) },
      });
    }
    await change(database, ['delete from delivery_attempt']);
    {
      await using third = await start();
      const { ofIntegration, ofAll } = await third.read(id);
      const { latency_ms: before } = expected.ofIntegration ?? {};
      expect(ofIntegration).toMatchObject({ received: 4, forwarded: 3, rejected: 1, retried: 3 });
      expect(ofAll).toMatchObject({ received: 6, forwarded: 4, rejected: 1, retried: 3 });
      for (const part of ['p50', 'p99'] as const) {
        const exact = before?.[part] ?? Number.NaN;
        expect(Math.abs((ofIntegration?.latency_ms?.[part] ?? 0) - exact)).toBeLessThanOrEqual(exact * 0.032);
      }
    }
  });
});
