import { describe, expect, it } from 'vitest';
import { startApp } from './support/app.ts';
import {
  act,
  createSegment,
  newEventIds,
  postWebhook,
  sourceId,
  until,
  webhookOf,
} from './support/forwarding.ts';
import { answer, type Conduct, HostileSink, type SinkRequest, silent } from './support/hostile-sink.ts';
import { call } from './support/http.ts';

/** Slices grow up to 1 MB, which is some sixty of these events; all together may hold 24 MB. */
const destinations = 30;
const events = webhookOf(newEventIds('large', 300)).map((event) => ({ ...event, pad: 'x'.repeat(18_000) }));
const isLarge = ({ events: { length } }: SinkRequest) => length > 40;
const hangsThen: Conduct = (exchange) => (isLarge(exchange.request) ? silent : answer(200))(exchange);

/** Bytes held on their way out, integrations that wait for room, integrations in hand. */
async function held(server: { readonly url: string }): Promise<readonly (number | undefined)[]> {
  const { text } = await call(server, 'GET', '/metrics');
  return ['delivery_bytes', 'deliveries_waiting_for_memory', 'active_deliveries'].map((name) =>
    Number(new RegExp(`^jackfield_${name} (\\d+)$`, 'm').exec(text)?.[1]),
  );
}

// what is held in memory has nothing to do with the database behind it
describe('on postgres', () => {
  it('more than may be held in memory waits, and who is told to stop waits no longer', async () => {
    await using sink = await HostileSink.start();
    await using app = await startApp('postgres', {
      JACKFIELD_SEGMENT_US_URL: sink.url,
      JACKFIELD_BOOTSTRAP_SOURCE_ID: sourceId,
      JACKFIELD_SEGMENT_INTEGRATION_LIMIT: '100',
    });
    const keys = Array.from({ length: destinations }, (_, index) => `destination ${index}`);
    const ids = await Promise.all(
      keys.map(async (writeKey) => {
        sink.conducts.set(writeKey, hangsThen);
        return await createSegment(app, { writeKey });
      }),
    );
    expect(await held(app)).toEqual([0, 0, 0]);
    await postWebhook(app, events);
    const isOut = (writeKey: string) => sink.requestsFor(writeKey).some(isLarge);
    await until(async () => {
      const [bytes = 0, waiting = 0, active] = await held(app);
      expect(active).toBe(destinations);
      expect(bytes).toBeGreaterThan(23_000_000);
      expect(bytes).toBeLessThan(26_000_000);
      expect(waiting).toBe(destinations - keys.filter(isOut).length);
    });
    const [, waiting = 0] = await held(app);
    expect(waiting).toBeGreaterThan(3);
    await act(app, `/api/integrations/${ids[keys.findIndex((writeKey) => !isOut(writeKey))]}/pause`);
    await until(async () => expect((await held(app)).slice(1)).toEqual([waiting - 1, destinations - 1]));
    // while nobody gave anything back
    expect(sink.requests.filter((request) => isLarge(request) && request.closedAt !== undefined)).toEqual([]);
  });
});
