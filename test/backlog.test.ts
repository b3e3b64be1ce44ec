import { expect, it } from 'vitest';
import { act, delivery } from './support/delivery.ts';
import { call } from './support/http.ts';
import { onDatabases } from './support/matrix.ts';
import { query } from './support/sql.ts';
import { createSegment } from './support/webhook.ts';

const unwanted = 30_000;
const kinds = { click: 6, spamreport: 10 } as const;
/** An hour ago and every tenth of a second, clicks that nobody wants, and one spam report behind them. */
const fill = (organizationId: string) => [
  `select create_event_partition((now() at time zone 'UTC')::date - 1)`,
  `insert into event (organization_id, position, kind, accepted_at, sg_event_id, payload)
    select '${organizationId}', n, case when n <= ${unwanted} then ${kinds.click} else ${kinds.spamreport} end,
      date_trunc('second', now()) - interval '1 hour' + n * interval '100 milliseconds', 'event-' || n, '{}'
    from generate_series(1, ${unwanted + 1}) n`,
  `update event_head set position = ${unwanted + 1}, totals[${kinds.click + 1}] = ${unwanted},
    totals[${kinds.spamreport + 1}] = 1
    where organization_id = '${organizationId}'`,
];

onDatabases(['postgres'], (app) => {
  it('tells how old the oldest waiting event is at most, without looking through all the log for it', async () => {
    const url = app().database.environment['DATABASE_URL'] ?? '';
    const wanting = await createSegment(app(), ['spamreport']);
    const keepingUp = await createSegment(app(), ['open']);
    for (const { id } of [wanting, keepingUp]) await act(app(), id, 'pause');
    for (const each of fill(app().organizationId)) await query(url, each);
    const [bound] = await query(url, 'select accepted_at from event where position = 10000');
    const { waiting_events: waiting, oldest_waiting_at: oldest } = await delivery(app(), wanting.id);
    expect([waiting, new Date(oldest)]).toEqual([1, bound?.['accepted_at']]);
    expect(await delivery(app(), keepingUp.id)).toMatchObject({
      waiting_events: 0,
      oldest_waiting_at: null,
      lag_seconds: 0,
    });
    const { text } = await call(app(), 'GET', '/metrics');
    expect(text).toContain('\njackfield_waiting_events 1\n');
    const age = Number(/\njackfield_oldest_waiting_event_age_seconds (\S+)/.exec(text)?.[1]);
    // 2,600 s ago; the event itself came in 600 s ago
    expect(age).toBeGreaterThan(2_500);
    expect(age).toBeLessThan(2_700);
  });
});
