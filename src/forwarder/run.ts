/**
 * One worker's turn with one cursor: slice by slice, batch by batch, in order, until there is nothing left, the
 * destination wants to be left alone, or the cursor is no longer ours.
 */
import { eventOfKind } from '../core/email-event.ts';
import { stretches } from '../eventlog/cursor.ts';
import type { Attempt, CursorHold, CursorStore, HeldCursor } from '../eventlog/cursor-store.ts';
import type { EventLog } from '../eventlog/event-log.ts';
import type { Delivery, Destination, PreparedEvent, SendResult } from '../providers/delivery.ts';
import { backOffMs } from './back-off.ts';
import type { Budget } from './budget.ts';
import { type Slice, SliceSize, settledBy, unsendableAttempt } from './slice.ts';

/**
 * A request begins only when the database has confirmed the hold this recently. A delete waits as long for a worker
 * that does not say that it has stopped; connecting takes at most one second of it.
 */
const freshMs = 900;
/** Small requests in quick succession are settled together, at least this often: a crash repeats what was not yet. */
const settleEveryMs = 200;

export interface RunParts {
  readonly cursors: CursorStore;
  readonly log: EventLog;
  readonly delivery: Delivery;
  /** Of the events that are held in memory. */
  readonly budget: Budget;
  readonly owner: string;
  readonly leaseMs: number;
  /** Opens the credentials of a held cursor. */
  readonly openDestination: (cursor: HeldCursor) => Promise<Destination>;
  readonly onAttempt: (cursor: HeldCursor, attempt: Attempt) => void;
  readonly random: () => number;
}

/** What is over but not yet settled. */
interface Progress {
  readonly slice: Slice;
  /** Undefined: all of the slice. */
  readonly upTo: number | undefined;
  readonly delivered: boolean;
}

export class Run {
  readonly #parts: RunParts;
  readonly #signal: AbortSignal;
  #cursor: HeldCursor;
  #destination: Destination | undefined;
  /** When the last confirmation was asked for. */
  #confirmedAt: number;
  #settledAt = performance.now();
  readonly #size = new SliceSize();
  #progress: Progress | undefined;
  /** Made, told, and not yet in the database. */
  #attempts: Attempt[] = [];

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
      await this.#flush();
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
    const { organizationId, position: after, only } = this.#cursor;
    const { upTo, kinds, waiting } = stretch;
    // the totals say that nothing in between is wanted: the log need not be looked at
    if (waiting === 0) return await this.#deliver({ events: [], stretch, upTo });
    using share = await this.#parts.budget.take(this.#size.bytes);
    const size = { limit: this.#size.events, mostBytes: this.#size.bytes };
    const slice = await this.#parts.log.read({
      organizationId,
      after,
      upTo,
      kinds,
      only,
      ...size,
    });
    share.shrink(slice.events.reduce((sum, { payload }) => sum + payload.length, 0));
    this.#size.grow();
    return await this.#deliver({ ...slice, stretch });
  }

  /** @returns whether to go on. */
  async #deliver(read: Pick<Slice, 'events' | 'stretch' | 'upTo'>): Promise<boolean> {
    const { delivery } = this.#parts;
    const outgoing = [];
    for (const { position, kind, sgEventId, payload } of read.events) {
      const event = eventOfKind(kind);
      if (event !== undefined) outgoing.push({ position, event, sgEventId, payload });
    }
    const { ready, rejected } = delivery.prepare(this.#cursor.integrationId, outgoing);
    const slice = { ...read, unsendable: rejected, unsent: [...rejected] };
    let delivered = false;
    const queue: (readonly PreparedEvent[])[] = cut(delivery, ready);
    for (let batch = queue.shift(); batch !== undefined; batch = queue.shift()) {
      const result = await this.#send(batch);
      if (result === undefined) return false;
      const { outcome } = result;
      if (outcome.kind === 'retry') return await this.#retry(outcome.reason, outcome.afterMs);
      if (outcome.kind === 'refused' && isSplit(outcome, batch.length)) {
        const middle = Math.ceil(batch.length / 2);
        queue.unshift(batch.slice(0, middle), batch.slice(middle));
        continue;
      }
      if (outcome.kind === 'refused') {
        slice.unsent.push(...batch.map(({ position }) => ({ position, reason: outcome.reason })));
      }
      delivered = outcome.kind === 'delivered';
      const upTo = queue.length === 0 ? undefined : batch.at(-1)?.position;
      if (upTo !== undefined && !(await this.#proceed({ slice, upTo, delivered }))) return false;
    }
    this.#progress = { slice, upTo: undefined, delivered };
    return await this.#settle();
  }

  /** A batch is over, and its slice is not. @returns whether the cursor is still ours, as far as is known. */
  async #proceed(progress: Progress): Promise<boolean> {
    this.#progress = progress;
    return performance.now() - this.#settledAt < settleEveryMs || (await this.#settle());
  }

  async #send(batch: readonly PreparedEvent[]): Promise<SendResult | undefined> {
    if (performance.now() - this.#confirmedAt > freshMs && !(await this.#confirm())) return undefined;
    this.#destination ??= await this.#parts.openDestination(this.#cursor);
    // opening took its time too: from here to the first byte nothing is waited for but the connection
    if (this.#signal.aborted || performance.now() - this.#confirmedAt > freshMs) return undefined;
    const startedAt = performance.now();
    await using exchange = this.#accompany();
    const result = await this.#parts.delivery.send(this.#destination, batch, exchange.signal);
    if (exchange.signal.aborted) return undefined;
    const attempt = {
      firstPosition: batch[0]?.position ?? 0,
      lastPosition: batch.at(-1)?.position ?? 0,
      events: batch.length,
      outcome: nameOf(result.outcome, batch.length),
      status: result.status,
      latencyMs: Math.round(performance.now() - startedAt),
      answer: result.answer,
    };
    this.#tell(attempt);
    return result;
  }

  /** What happens beside a request, as long as it takes: it may take longer than a lease lasts. */
  #accompany(): Exchange {
    const abort = new AbortController();
    const stop = () => abort.abort();
    this.#signal.addEventListener('abort', stop);
    const renewal = setInterval(() => void this.#renew(abort), this.#parts.leaseMs / 3);
    let settling: Promise<unknown> | undefined;
    const settle = () => {
      settling = this.#settle();
      // whether it failed is told to who waits for it
      settling.catch(() => undefined);
    };
    const timer = this.#progress && setTimeout(settle, settleEveryMs);
    return {
      signal: abort.signal,
      [Symbol.asyncDispose]: async () => {
        clearInterval(renewal);
        clearTimeout(timer);
        this.#signal.removeEventListener('abort', stop);
        await settling;
      },
    };
  }

  /** @returns whether the cursor is still ours. */
  async #settle(): Promise<boolean> {
    const progress = this.#progress;
    if (progress === undefined) return true;
    const attempts = this.#takeAttempts();
    const { slice, upTo, delivered } = progress;
    const { place, events, dead } = settledBy(this.#cursor, slice, upTo);
    this.#progress = undefined;
    const askedAt = performance.now();
    this.#settledAt = askedAt;
    const { cursors, leaseMs } = this.#parts;
    const settlement = { cursor: this.#cursor, place, delivered, dead, attempts, leaseMs };
    const cursor = await cursors.settle(this.#hold(), settlement);
    if (cursor === undefined) return false;
    this.#adopt(cursor, askedAt);
    const attempt = unsendableAttempt(events, slice.unsendable);
    if (attempt !== undefined) this.#tell(attempt);
    return true;
  }

  /** Leaves nothing behind that is known here alone. */
  async #flush(): Promise<void> {
    await this.#settle();
    if (this.#attempts.length > 0) await this.#parts.cursors.note(this.#cursor, this.#takeAttempts());
  }

  async #retry(reason: string, afterMs: number | undefined): Promise<false> {
    await this.#flush();
    return await this.#backOff(reason, afterMs);
  }

  #tell(attempt: Attempt): void {
    this.#attempts.push(attempt);
    this.#parts.onAttempt(this.#cursor, attempt);
  }

  #takeAttempts(): readonly Attempt[] {
    const attempts = this.#attempts;
    this.#attempts = [];
    return attempts;
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
    if (cursor !== undefined) this.#adopt(cursor, askedAt);
    return cursor !== undefined;
  }

  #adopt(cursor: HeldCursor, confirmedAt: number): void {
    // other credentials, or a region that changed: opened anew before the next request
    const isSame =
      cursor.sealed === this.#cursor.sealed && isDeepEqual(cursor.settings, this.#cursor.settings);
    if (!isSame) this.#destination = undefined;
    this.#cursor = cursor;
    this.#confirmedAt = confirmedAt;
  }

  #hold(): CursorHold {
    return { id: this.#cursor.id, generation: this.#cursor.generation, owner: this.#parts.owner };
  }
}

interface Exchange extends AsyncDisposable {
  readonly signal: AbortSignal;
}

function cut(delivery: Delivery, events: readonly PreparedEvent[]): (readonly PreparedEvent[])[] {
  const batches = [];
  for (let from = 0; from < events.length; ) {
    const to = from + delivery.fit(events, from);
    batches.push(events.slice(from, to));
    from = to;
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

function isDeepEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
