import { afterAll, expect, it } from 'vitest';
import { act, until, untilDelivery, unusable } from '../support/delivery.ts';
import { call } from '../support/http.ts';
import { onBothDatabases } from '../support/matrix.ts';
import { SegmentSink, sinkStatus } from '../support/segment-sink.ts';
import { createSegment, newEvent, newEvents, postEvents } from '../support/webhook.ts';

const sink = await SegmentSink.start();
afterAll(async () => await sink[Symbol.asyncDispose]());

/** The samples of a scrape: name with labels → value. */
async function scrape(server: { readonly url: string }): Promise<ReadonlyMap<string, number>> {
  const { text } = await call(server, 'GET', '/metrics');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

onBothDatabases(
  (app) => {
    it('counts events as they come in, go out, are tried again and are given up', async () => {
      const { id, writeKey } = await createSegment(app());
      const idle = await scrape(app());
      expect(idle.get('jackfield_waiting_events')).toBe(0);
      expect(idle.get('jackfield_oldest_waiting_event_age_seconds')).toBe(0);
      expect(idle.get('jackfield_intake_queue_bytes')).toBe(0);
      let failures = 1;
      sink.answers.set(writeKey, (response) => void response.writeHead(failures-- > 0 ? 503 : 200).end());
      await postEvents(app(), [...newEvents(3), unusable(), { event: 'open' }]);
      await untilDelivery(app(), id, { waiting_events: 0, dead_letters: 1 });
      const figures = await scrape(app());
      const expected = {
        'jackfield_events_accepted_total{result="accepted"}': 4,
        'jackfield_events_accepted_total{result="rejected"}': 1,
        'jackfield_events_forwarded_total{provider="segment"}': 3,
        'jackfield_events_retried_total{provider="segment"}': 3,
        'jackfield_events_rejected_total{provider="segment"}': 1,
        'jackfield_delivery_attempts_total{provider="segment",outcome="delivered"}': 1,
        'jackfield_delivery_attempts_total{provider="segment",outcome="retry"}': 1,
        'jackfield_delivery_duration_seconds_count{provider="segment",outcome="delivered"}': 1,
      };
      for (const [name, value] of Object.entries(expected))
        expect([name, figures.get(name)]).toEqual([name, value]);
      expect(figures.has('jackfield_delivery_attempts_total{provider="segment",outcome="rejected"}')).toBe(
        false,
      );
    });

    it('tells what waits, for how long, and for how many integrations', async () => {
      const failing = await createSegment(app(), ['click']);
      const paused = await createSegment(app(), ['open']);
      sink.answers.set(failing.writeKey, sinkStatus(500));
      await act(app(), paused.id, 'pause');
      await postEvents(app(), [newEvent('click'), newEvent('open'), newEvent('spamreport')]);
      await untilDelivery(app(), failing.id, { state: 'backing_off' });
      await until(async () => {
        const figures = await scrape(app());
        // the integration of the test before takes its three at once
        expect(figures.get('jackfield_waiting_events')).toBe(2);
        expect(figures.get('jackfield_oldest_waiting_event_age_seconds')).toBeGreaterThan(0);
        expect(figures.get('jackfield_integrations_backing_off')).toBe(1);
        expect(figures.get('jackfield_integrations_paused')).toBe(1);
      });
    });
  },
  { ...sink.environment },
);
