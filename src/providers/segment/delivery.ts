/** Batches of track calls to Segment's HTTP API, and what its answers mean (contract: events, section 2.1). */
import { segmentCredentials, segmentSettings } from '../../core/segment.ts';
import type {
  Delivery,
  Destination,
  OutgoingEvent,
  PreparedEvent,
  SendOutcome,
  SendResult,
} from '../delivery.ts';
import type { Outbound, OutboundRequest } from '../outbound.ts';
import { toTrack } from './track.ts';

/** Segment's limit is 500 KB; the rest is room for the envelope around the events. */
const mostBatchBytes = 490_000;

const retryableClientErrors: ReadonlySet<number> = new Set([401, 403, 404, 408, 410, 429, 460]);
const hopelessServerErrors: ReadonlySet<number> = new Set([501, 505, 511]);
const retryAfter = { leastMs: 1_000, mostMs: 300_000 } as const;

export interface SegmentUrls {
  readonly US: URL;
  readonly EU: URL;
}

export interface SegmentDeliveryParts {
  readonly urls: SegmentUrls;
  readonly outbound: Outbound;
  readonly now: () => Date;
  /** At most so many events go in one request. */
  readonly batchEvents: number;
}

type Address = Pick<OutboundRequest, 'url' | 'headers'>;

export class SegmentDelivery implements Delivery {
  readonly #batchEvents: number;
  readonly #urls: SegmentUrls;
  readonly #outbound: Outbound;
  readonly #now: () => Date;
  readonly #addresses = new WeakMap<Destination, Address>();

  constructor({ urls, outbound, now, batchEvents }: SegmentDeliveryParts) {
    this.#batchEvents = batchEvents;
    this.#urls = urls;
    this.#outbound = outbound;
    this.#now = now;
  }

  prepare(integrationId: string, events: readonly OutgoingEvent[]): ReturnType<Delivery['prepare']> {
    const ready = [];
    const rejected = [];
    for (const event of events) {
      const { position } = event;
      const track = toTrack(integrationId, event);
      if (track.kind === 'track') ready.push({ position, json: track.json, bytes: track.bytes });
      else rejected.push({ position, reason: track.reason });
    }
    return { ready, rejected };
  }

  fit(events: readonly PreparedEvent[], from: number): number {
    let bytes = 0;
    let count = 0;
    for (let event = events[from]; event !== undefined; event = events[from + count]) {
      bytes += event.bytes + 1;
      if (count > 0 && (bytes > mostBatchBytes || count >= this.#batchEvents)) break;
      count += 1;
    }
    return count;
  }

  async send(
    destination: Destination,
    events: readonly PreparedEvent[],
    signal: AbortSignal,
  ): Promise<SendResult> {
    const answer = await this.#outbound.post({
      ...this.#addressOf(destination),
      // sentAt is the time of this attempt: Segment corrects event times by it
      body: `{"batch":[${events.map((event) => event.json).join()}],"sentAt":"${this.#now().toISOString()}"}`,
      signal,
    });
    if (answer.kind === 'failed') {
      const outcome = { kind: 'retry', reason: answer.reason, afterMs: undefined } as const;
      return { outcome, status: undefined, error: answer.reason, answer: '' };
    }
    const { status, text, headers } = answer;
    const [after] = [headers['retry-after'] ?? []].flat();
    return { outcome: outcomeOf(status, after, this.#now()), status, error: undefined, answer: text };
  }

  /** Worked out once for an opened destination, and gone with it. */
  #addressOf(destination: Destination): Address {
    const known = this.#addresses.get(destination);
    if (known !== undefined) return known;
    const { write_key: writeKey } = segmentCredentials.parse(destination.credentials);
    const { destination_region: region } = segmentSettings.parse(destination.settings);
    const address = {
      url: new URL('/v1/batch', this.#urls[region]),
      headers: {
        authorization: `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}`,
        'content-type': 'application/json',
      },
    };
    this.#addresses.set(destination, address);
    return address;
  }
}

/** A redirect is not followed and not taken for success: whatever it points to has not got the events. */
function outcomeOf(status: number, after: string | undefined, now: Date): SendOutcome {
  const reason = `status ${status}`;
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  if (status === 400 || status === 413) return { kind: 'refused', reason, divisible: true };
  const retryable =
    status >= 500 ? !hopelessServerErrors.has(status) : status < 400 || retryableClientErrors.has(status);
  if (!retryable) return { kind: 'refused', reason, divisible: false };
  return { kind: 'retry', reason, afterMs: after === undefined ? undefined : parseRetryAfter(after, now) };
}

/** Date.parse finds a date in nearly anything that has a digit; every HTTP date begins with the day of the week. */
const dateForm = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/;

/** Seconds or an HTTP date (RFC 9110, 10.2.3); undefined where it is neither. */
function parseRetryAfter(text: string, now: Date): number | undefined {
  const ms = /^\d+$/.test(text)
    ? Number(text) * 1_000
    : Date.parse(dateForm.test(text) ? text : '') - now.getTime();
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, retryAfter.leastMs), retryAfter.mostMs);
}
