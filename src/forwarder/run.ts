/**
 * One worker's turn with one cursor: slice by slice, batch by batch, in order, until there is nothing left, the
 * destination wants to be left alone, or the cursor is no longer ours.
 */
import { eventOfKind } from '../core/email-event.ts';
import { advance, type Stretch, stretches } from '../eventlog/cursor.ts';
import type { Attempt, CursorHold, CursorStore, DeadEvent, HeldCursor } from '../eventlog/cursor-store.ts';
import type { EventLog, LoggedEvent } from '../eventlog/event-log.ts';
import type {
  Delivery,
  Destination,
  PreparedEvent,
  RejectedEvent,
  SendResult,
} from '../providers/delivery.ts';
import { backOffMs } from './back-off.ts';

/**
 * A request begins only when the database has confirmed the hold this recently. A delete waits as long for a worker
 * that does not say that it has stopped; connecting takes at most one second of it.
 */
const freshMs = 900;
const sliceEvents = 1_000;

export interface RunParts {
  readonly cursors: CursorStore;
  readonly log: EventLog;
  readonly delivery: Delivery;
  readonly owner: string;
  readonly leaseMs: number;
  /** Opens the credentials of a held cursor. */
  readonly openDestination: (cursor: HeldCursor) => Promise<Destination>;
  readonly onAttempt: (cursor: HeldCursor, attempt: Attempt) => void;
  readonly random: () => number;
}

interface Slice {
  readonly events: readonly LoggedEvent[];
  readonly stretch: Stretch;
  /** Whether the stretch ends with this slice. */
  readonly isLast: boolean;
}

interface PreparedSlice extends Slice {
  /** Events that this destination can never be sent. */
  readonly unsendable: readonly RejectedEvent[];
}

export class Run {
  readonly #parts: RunParts;
  readonly #signal: AbortSignal;
  #cursor: HeldCursor;
  #destination: Destination | undefined;
  #confirmedAt: number;

  /** `confirmedAt`: when the claim was asked for, by the monotonic clock. */
  constructor(parts: RunParts, cursor: HeldCursor, confirmedAt: number, signal: AbortSignal) {
    this.#parts = parts;
    this.#cursor = cursor;
    this.#confirmedAt = confirmedAt;
    this.#signal = signal;
  }

  /** Ends when there is no more to do now; the cursor is let go of by then. */
  async toEnd(): Promise<void> {
    try {
      while (await this.#step());
    } catch (error) {
      // the owner sees that something is wrong, and the next try waits; without a database the lease ends by itself
      await this.#backOff('internal error', undefined);
      throw error;
    }
    // also where it was told to end, so that nobody waits for the lease to; one that was lost is not touched
    await this.#parts.cursors.release(this.#hold());
  }

  /** @returns whether to go on. */
  async #step(): Promise<boolean> {
    const [stretch] = stretches(this.#cursor, this.#cursor.spans, this.#cursor.end);
    if (stretch === undefined || this.#signal.aborted) return false;
    return (await this.#deliver(await this.#read(stretch))) && (await this.#confirm());
  }

  async #read(stretch: Stretch): Promise<Slice> {
    // the totals say that nothing in between is wanted: the log need not be looked at
    if (stretch.waiting === 0) return { events: [], stretch, isLast: true };
    const { organizationId, position: after, only } = this.#cursor;
    const { upTo, kinds } = stretch;
    const events = await this.#parts.log.read({
      organizationId,
      after,
      upTo,
      kinds,
      only,
      limit: sliceEvents,
    });
    return { events, stretch, isLast: events.length < sliceEvents };
  }

  /** @returns whether to go on. */
  async #deliver(read: Slice): Promise<boolean> {
    const { delivery } = this.#parts;
    const outgoing = read.events.flatMap(({ kind, ...event }) => {
      const name = eventOfKind(kind);
      return name === undefined ? [] : [{ ...event, event: name }];
    });
    const { ready, rejected } = delivery.prepare(this.#cursor.integrationId, outgoing);
    const slice = { ...read, unsendable: rejected };
    const unsent = [...rejected];
    let delivered = false;
    const queue: (readonly PreparedEvent[])[] = cut(delivery, ready);
    for (let batch = queue.shift(); batch !== undefined; batch = queue.shift()) {
      const result = await this.#send(batch);
      if (result === undefined) return false;
      const { outcome } = result;
      if (outcome.kind === 'retry') return await this.#backOff(outcome.reason, outcome.afterMs);
      if (outcome.kind === 'refused' && isSplit(outcome, batch.length)) {
        const middle = Math.ceil(batch.length / 2);
        queue.unshift(batch.slice(0, middle), batch.slice(middle));
        continue;
      }
      if (outcome.kind === 'refused') {
        unsent.push(...batch.map(({ position }) => ({ position, reason: outcome.reason })));
      }
      delivered = outcome.kind === 'delivered';
      const upTo = queue.length === 0 ? undefined : batch.at(-1)?.position;
      if (upTo !== undefined && !(await this.#settle(slice, upTo, unsent, delivered))) return false;
    }
    return await this.#settle(slice, undefined, unsent, delivered);
  }

  async #send(batch: readonly PreparedEvent[]): Promise<SendResult | undefined> {
    if (performance.now() - this.#confirmedAt > freshMs && !(await this.#confirm())) return undefined;
    this.#destination ??= await this.#parts.openDestination(this.#cursor);
    // opening took its time too: from here to the first byte nothing is waited for but the connection
    if (this.#signal.aborted || performance.now() - this.#confirmedAt > freshMs) return undefined;
    const startedAt = performance.now();
    const lost = new AbortController();
    const either = AbortSignal.any([this.#signal, lost.signal]);
    // a destination may take longer than a lease lasts
    const renewal = setInterval(() => void this.#renew(lost), this.#parts.leaseMs / 3);
    const result = await this.#parts.delivery
      .send(this.#destination, batch, either)
      .finally(() => clearInterval(renewal));
    if (either.aborted) return undefined;
    const attempt = {
      firstPosition: batch[0]?.position ?? 0,
      lastPosition: batch.at(-1)?.position ?? 0,
      events: batch.length,
      outcome: nameOf(result.outcome, batch.length),
      status: result.status,
      latencyMs: Math.round(performance.now() - startedAt),
      answer: result.answer,
    };
    await this.#note(attempt);
    return result;
  }

  async #note(attempt: Attempt): Promise<void> {
    await this.#parts.cursors.note(this.#cursor, attempt);
    this.#parts.onAttempt(this.#cursor, attempt);
  }

  /** Settles the slice up to a position; undefined: all of it. @returns whether the cursor is still ours. */
  async #settle(
    { events, stretch, isLast, unsendable }: PreparedSlice,
    upTo: number | undefined,
    unsent: RejectedEvent[],
    delivered: boolean,
  ): Promise<boolean> {
    const end = upTo ?? (isLast ? stretch.upTo : (events.at(-1)?.position ?? stretch.upTo));
    const settled = events.filter(({ position }) => position > this.#cursor.position && position <= end);
    const totals =
      end === stretch.upTo
        ? stretch.endTotals
        : advance(
            this.#cursor.totals,
            settled.map((event) => event.kind),
          );
    const dead = toDead(settled, unsent);
    const place = { position: end, totals };
    const ours = await this.#parts.cursors.settle(this.#hold(), place, { delivered, dead });
    if (ours) await this.#noteUnsendable(settled, unsendable);
    this.#cursor = { ...this.#cursor, ...place, attempt: 0 };
    return ours;
  }

  /** What can be no event of this destination is told like an attempt, without an answer. */
  async #noteUnsendable(
    settled: readonly LoggedEvent[],
    unsendable: readonly RejectedEvent[],
  ): Promise<void> {
    const known = new Set(unsendable.map(({ position }) => position));
    const positions = settled.flatMap(({ position }) => (known.has(position) ? [position] : []));
    const [firstPosition] = positions;
    if (firstPosition === undefined) return;
    await this.#note({
      firstPosition,
      lastPosition: positions.at(-1) ?? firstPosition,
      events: positions.length,
      outcome: 'rejected',
      status: undefined,
      latencyMs: 0,
      answer: '',
    });
  }

  async #backOff(reason: string, afterMs: number | undefined): Promise<false> {
    const delayMs = afterMs ?? backOffMs(this.#cursor.attempt, this.#parts.random());
    await this.#parts.cursors.backOff(this.#hold(), delayMs, reason);
    return false;
  }

  /** While a request is on its way. One for a cursor that is no longer ours is aborted. */
  async #renew(lost: AbortController): Promise<void> {
    try {
      const { cursors, leaseMs } = this.#parts;
      if ((await cursors.confirm(this.#hold(), leaseMs)) === undefined) lost.abort();
    } catch {
      // the database does not answer: whether the cursor is still ours shows when it is settled
    }
  }

  /** @returns whether the cursor is still ours; what changed around it is known then. */
  async #confirm(): Promise<boolean> {
    const askedAt = performance.now();
    const cursor = await this.#parts.cursors.confirm(this.#hold(), this.#parts.leaseMs);
    if (cursor === undefined) return false;
    // other credentials, or a region that changed: opened anew before the next request
    const isSame =
      cursor.sealed === this.#cursor.sealed && isDeepEqual(cursor.settings, this.#cursor.settings);
    if (!isSame) this.#destination = undefined;
    this.#cursor = cursor;
    this.#confirmedAt = askedAt;
    return true;
  }

  #hold(): CursorHold {
    return { id: this.#cursor.id, generation: this.#cursor.generation, owner: this.#parts.owner };
  }
}

function cut(delivery: Delivery, events: readonly PreparedEvent[]): (readonly PreparedEvent[])[] {
  const batches = [];
  for (let rest = events; rest.length > 0; ) {
    const count = delivery.fit(rest);
    batches.push(rest.slice(0, count));
    rest = rest.slice(count);
  }
  return batches;
}

function nameOf(outcome: SendResult['outcome'], events: number): Attempt['outcome'] {
  if (outcome.kind !== 'refused') return outcome.kind;
  return isSplit(outcome, events) ? 'split' : 'rejected';
}

function isSplit({ divisible }: { readonly divisible: boolean }, events: number): boolean {
  return divisible && events > 1;
}

function toDead(events: readonly LoggedEvent[], unsent: readonly RejectedEvent[]): readonly DeadEvent[] {
  if (unsent.length === 0) return [];
  const reasons = new Map(unsent.map(({ position, reason }) => [position, reason]));
  return events.flatMap(({ position, kind, sgEventId }) => {
    const reason = reasons.get(position);
    return reason === undefined ? [] : [{ position, kind, sgEventId, reason }];
  });
}

function isDeepEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
