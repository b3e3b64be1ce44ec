/** What Jackfield would have noted of its requests, had the day taken a day: its own rules over made-up answers. */
import { backOffMs } from '../../src/forwarder/back-off.ts';
import { createRandom, type Random } from '../../test/support/random.ts';
import { isGarbled, type Post } from './traffic.ts';

export interface Outage {
  /** In ms before the end of the day, as all times here. */
  readonly from: number;
  readonly to: number;
  readonly status: number | null;
  readonly answer: string;
}

export interface PastAttempt {
  readonly at: number;
  readonly first: number;
  readonly last: number;
  readonly events: number;
  readonly outcome: 'delivered' | 'retry' | 'rejected' | 'split';
  readonly status: number | null;
  readonly latency: number;
  readonly answer: string;
}

export interface Destination {
  readonly kinds: readonly string[];
  /** From then on nothing was sent. */
  readonly pausedAt?: number;
  readonly outages?: readonly Outage[];
  readonly seed: number;
}

interface Queued {
  readonly position: number;
  readonly isGarbled: boolean;
  readonly isUnsendable: boolean;
}

/** What a turn begins with, and what it does after two failures. */
const firstBatch = 250;
const batchAfterFailures = 32;
const taken = '{"success":true}';
export const garbledAnswer = '{"success":false,"message":"Malformed JSON"}';

export class PastDelivery {
  readonly attempts: PastAttempt[] = [];
  /** When each event came in that it wants. */
  readonly #wanted: readonly number[];
  /** How many attempts in a row have failed at the end, and when the next one is due. */
  failures = 0;
  nextAt = Number.NEGATIVE_INFINITY;
  #queue: Queued[] = [];
  readonly #destination: Destination;
  readonly #random: Random;

  constructor(posts: readonly Post[], destination: Destination) {
    this.#destination = destination;
    this.#random = createRandom(destination.seed);
    this.#wanted = posts.flatMap(({ at, events }) =>
      events.filter((each) => destination.kinds.includes(each.event)).map(() => at),
    );
    let position = 0;
    for (const { at, events } of posts) {
      if (at > (destination.pausedAt ?? 0)) break;
      this.#catchUp(at);
      for (const event of events) {
        position += 1;
        if (!destination.kinds.includes(event.event)) continue;
        this.#queue.push({ position, isGarbled: isGarbled(event), isUnsendable: event.email === '' });
      }
      if (this.failures === 0) this.#turn(at + 20 + this.#random.below(40));
    }
    this.#catchUp(0);
  }

  /** How many events waited at each of these times, which go forth, and how many were dead letters. */
  standing(times: readonly number[]): readonly { readonly waiting: number; readonly dead: number }[] {
    const settled = this.attempts.filter(({ outcome }) => outcome === 'delivered' || outcome === 'rejected');
    let came = 0;
    let done = 0;
    let went = 0;
    let dead = 0;
    return times.map((time) => {
      while ((this.#wanted[came] ?? time) < time) came += 1;
      for (let next = settled[done]; next !== undefined && next.at < time; next = settled[++done]) {
        went += next.events;
        if (next.outcome === 'rejected') dead += next.events;
      }
      return { waiting: came - went, dead };
    });
  }

  #catchUp(until: number): void {
    while (this.failures > 0 && this.nextAt <= until) this.#turn(this.nextAt);
  }

  #turn(start: number): void {
    let at = start;
    let most = this.failures > 1 ? batchAfterFailures : firstBatch;
    while (this.#queue.length > 0) {
      const batch = this.#queue.slice(0, most);
      const latency = this.#latency();
      const outage = this.#destination.outages?.find(({ from, to }) => at >= from && at < to);
      if (outage !== undefined) {
        this.#note(at, batch, { outcome: 'retry', ...outage, latency });
        this.nextAt = at + backOffMs(this.failures, this.#random.below(1_000) / 1_000);
        this.failures += 1;
        return;
      }
      const unsendable = batch.filter((each) => each.isUnsendable);
      at = this.#send(
        at,
        batch.filter((each) => !each.isUnsendable),
      );
      if (unsendable.length > 0)
        this.#note(at, unsendable, { outcome: 'rejected', status: null, answer: '', latency: 0 });
      this.#queue = this.#queue.slice(batch.length);
      this.failures = 0;
      most = Math.min(most * 4, 2_500);
    }
  }

  /** Halved until the guilty ones are alone. @returns when it is over. */
  #send(at: number, batch: readonly Queued[]): number {
    if (batch.length === 0) return at;
    const latency = this.#latency();
    const end = at + latency;
    if (!batch.some((each) => each.isGarbled)) {
      this.#note(at, batch, { outcome: 'delivered', status: 200, answer: taken, latency });
      return end;
    }
    const outcome = batch.length > 1 ? 'split' : 'rejected';
    this.#note(at, batch, { outcome, status: 400, answer: garbledAnswer, latency });
    if (batch.length === 1) return end;
    const middle = Math.ceil(batch.length / 2);
    return this.#send(this.#send(end, batch.slice(0, middle)), batch.slice(middle));
  }

  #note(
    at: number,
    batch: readonly Queued[],
    { outcome, status, answer, latency }: Pick<PastAttempt, 'outcome' | 'status' | 'answer' | 'latency'>,
  ): void {
    const [first] = batch;
    const last = batch.at(-1);
    if (first === undefined || last === undefined) return;
    this.attempts.push({
      at: at + latency,
      first: first.position,
      last: last.position,
      events: batch.length,
      outcome,
      status,
      latency,
      answer,
    });
  }

  #latency(): number {
    const usual = 45 + this.#random.below(70);
    return this.#random.chance(0.04) ? usual * 4 : usual;
  }
}
