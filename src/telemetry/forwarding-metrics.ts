/** Metrics of email events: what came in, what went out, what waits. Labels are providers and outcomes, nothing else. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** What waits for all integrations together. Every process of one database tells the same. */
export interface Backlog {
  readonly waitingEvents: number;
  /** When the event came in that waits longest; null where none does. */
  readonly oldestWaitingAt: Date | null;
  readonly backingOff: number;
  readonly paused: number;
}

/** What this process holds in memory. */
export interface Held {
  readonly intakeBytes: number;
  readonly activeDeliveries: number;
  /** Of events on their way out. */
  readonly deliveryBytes: number;
  /** Integrations whose next events wait for room in memory. */
  readonly waitingForMemory: number;
}

export interface SentBatch {
  readonly provider: string;
  readonly outcome: 'delivered' | 'retry' | 'rejected' | 'split';
  readonly events: number;
  /** Undefined where no request was made. */
  readonly seconds: number | undefined;
}

/** A scrape every few seconds must not become a load. */
const backlogCachedMs = 5_000;

export class ForwardingMetrics {
  readonly #registry: Registry;
  readonly #accepted: Counter<'result'>;
  readonly #missed: Counter;
  readonly #attempts: Counter<'provider' | 'outcome'>;
  readonly #forwarded: Counter<'provider'>;
  readonly #rejected: Counter<'provider'>;
  readonly #retried: Counter<'provider'>;
  readonly #duration: Histogram<'provider' | 'outcome'>;

  constructor(registry: Registry) {
    this.#registry = registry;
    const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
      new Counter<Label>({
        name: `jackfield_${name}`,
        help,
        labelNames: [...labelNames],
        registers: [registry],
      });
    this.#accepted = counter('events_accepted_total', 'Events that came in and were made durable', [
      'result',
    ]);
    this.#missed = counter('events_missed_total', 'Events dropped by retention before they were sent', []);
    this.#attempts = counter('delivery_attempts_total', 'Requests to destinations', ['provider', 'outcome']);
    this.#forwarded = counter('events_forwarded_total', 'Events that a destination has taken', ['provider']);
    this.#rejected = counter('events_rejected_total', 'Events that became dead letters', ['provider']);
    this.#retried = counter('events_retried_total', 'Events whose batch will be sent again', ['provider']);
    this.#duration = new Histogram({
      name: 'jackfield_delivery_duration_seconds',
      help: 'Time from the beginning of a request to a destination to the end of its answer',
      labelNames: ['provider', 'outcome'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20],
      registers: [registry],
    });
  }

  eventsAccepted({ accepted, rejected }: { readonly accepted: number; readonly rejected: number }): void {
    this.#accepted.inc({ result: 'accepted' }, accepted);
    this.#accepted.inc({ result: 'rejected' }, rejected);
  }

  eventsMissed(events: number): void {
    this.#missed.inc(events);
  }

  batchSent({ provider, outcome, events, seconds }: SentBatch): void {
    if (seconds !== undefined) {
      this.#attempts.inc({ provider, outcome });
      this.#duration.observe({ provider, outcome }, seconds);
    }
    if (outcome === 'delivered') this.#forwarded.inc({ provider }, events);
    if (outcome === 'rejected') this.#rejected.inc({ provider }, events);
    if (outcome === 'retry') this.#retried.inc({ provider }, events);
  }

  /** Gauges that are read when somebody scrapes. `read` must not take long; where it fails they are left out. */
  watch(read: () => Promise<Backlog>, held: () => Held): void {
    let cached: { readonly backlog: Promise<Backlog>; readonly at: number } | undefined;
    const backlog = async () => {
      if (cached === undefined || performance.now() - cached.at > backlogCachedMs) {
        cached = { backlog: read(), at: performance.now() };
      }
      return await cached.backlog;
    };
    const ofBacklog = (name: string, help: string, value: (each: Backlog) => number) =>
      this.#gauge(name, help, async () => value(await backlog()));
    ofBacklog('waiting_events', 'Events that wait to be forwarded', (each) => each.waitingEvents);
    ofBacklog('oldest_waiting_event_age_seconds', 'How long the oldest of them has waited', (each) =>
      ageOf(each),
    );
    ofBacklog(
      'integrations_backing_off',
      'Integrations whose destination failed last',
      (each) => each.backingOff,
    );
    ofBacklog('integrations_paused', 'Integrations that were paused', (each) => each.paused);
    const ofHeld = (name: string, help: string, value: (each: Held) => number) =>
      this.#gauge(name, help, async () => value(held()));
    ofHeld('intake_queue_bytes', 'Bytes of posts that are not yet durable', (each) => each.intakeBytes);
    ofHeld('active_deliveries', 'Integrations that are being forwarded to', (each) => each.activeDeliveries);
    ofHeld('delivery_bytes', 'Bytes of events in memory on their way out', (each) => each.deliveryBytes);
    ofHeld(
      'deliveries_waiting_for_memory',
      'Integrations whose next events wait for room in memory',
      (each) => each.waitingForMemory,
    );
  }

  #gauge(name: string, help: string, read: () => Promise<number>): void {
    const gauge = new Gauge({
      name: `jackfield_${name}`,
      help,
      registers: [],
      collect: async () => {
        try {
          gauge.set(await read());
        } catch {
          // the log tells of a database that does not answer; a figure of before would be taken for one of now
          gauge.remove();
        }
      },
    });
    this.#registry.registerMetric(gauge);
  }
}

function ageOf({ oldestWaitingAt }: Backlog): number {
  return oldestWaitingAt === null ? 0 : Math.max(0, (Date.now() - oldestWaitingAt.getTime()) / 1_000);
}
