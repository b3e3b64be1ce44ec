/**
 * One worker's turn with one cursor: slice by slice, batch by batch, in order, until there is nothing left, the
 * destination wants to be left alone, or the cursor is no longer ours.
 */
import { type Stretch, stretches } from '../eventlog/cursor.ts';
import type { Attempt, CursorHold, HeldCursor } from '../eventlog/cursor-store.ts';
import type { LogSlice } from '../eventlog/event-log.ts';
import type { Destination, PreparedEvent, SendResult } from '../providers/delivery.ts';
import { backOffMs } from './back-off.ts';
import { cut, halves, isSplit, nameOf } from './batches.ts';
import type { Share } from './budget.ts';
import type { RunParts } from './run-parts.ts';
import { prepareSlice, type Slice, SliceSize, settledBy, unsendableAttempt } from './slice.ts';
import type { Occupant } from './slots.ts';

/**
 * A request begins only when the database has confirmed the hold this recently. A delete waits as long for a worker
 * that does not say that it has stopped; connecting takes at most one second of it.
 */
const freshMs = 900;
/** Small requests in quick succession are settled together, at least this often: a crash repeats what was not yet. */
const settleEveryMs = 200;

/** Then it is the next one's turn, where one waits. */
const turnMs = 2_000;

/** What is over but not yet settled. */
interface Progress {
  readonly slice: Slice;
  /** Undefined: all of the slice. */
  readonly upTo: number | undefined;
  /** Whether anything of it was taken. */
  readonly delivered: boolean;
}

export class Run implements Occupant {
  readonly #parts: RunParts;
  readonly #signal: AbortSignal;
  #cursor: HeldCursor;
  #destination: Destination | undefined;
  /** When the last confirmation was asked for. */
  #confirmedAt: number;
  #settledAt = performance.now();
  readonly #size: SliceSize;
  #sendingSince: number | undefined;
  #progress: Progress | undefined;
  /** Made, told, and not yet in the database. */
  #attempts: Attempt[] = [];

  /** `confirmedAt`: when the claim was asked for, by the monotonic clock. */
  constructor(parts: RunParts, cursor: HeldCursor, confirmedAt: number, signal: AbortSignal) {
    this.#parts = parts;
    this.#cursor = cursor;
    this.#confirmedAt = confirmedAt;
    this.#signal = signal;
    this.#size = new SliceSize(cursor.attempt > 1);
    // whatever this still waits for: the opened credentials are gone
    signal.addEventListener('abort', () => {
      this.#destination = undefined;
    });
  }

  get integrationId(): string {
    return this.#cursor.integrationId;
  }

  get hasFailed(): boolean {
    return this.#cursor.attempt > 0;
  }

  get sendingSince(): number | undefined {
    return this.#sendingSince;
  }

  /** Ends when there is no more to do now; the cursor is let go of by then. */
  async toEnd(): Promise<void> {
    const endsAt = performance.now() + turnMs;
    try {
      while ((await this.#step()) && !(performance.now() > endsAt && this.#parts.othersWait()));
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
    const { upTo, waiting } = stretch;
    // the totals say that nothing in between is wanted: the log need not be looked at
    if (waiting === 0) return await this.#deliver(this.#prepare({ events: [], upTo }, stretch));
    // where others hold all memory the turn may come later than the lease lasts
    using share = await this.#parts.budget.take(this.#size.bytes, this.#signal, () => this.#accompany());
    if (share === undefined) return false;
    return await this.#deliver(await this.#read(stretch, share));
  }

  /** On its own, so that nothing of what was read lives on while it is sent. */
  async #read(stretch: Stretch, share: Share): Promise<Prepared> {
    const { organizationId, position: after, only } = this.#cursor;
    const { upTo, kinds } = stretch;
    const { events: limit, bytes: mostBytes } = this.#size;
    const slice = await this.#parts.log.read({ organizationId, after, upTo, kinds, only, limit, mostBytes });
    share.fit(slice.events.reduce((sum, { payload }) => sum + payload.length, 0));
    this.#size.grow();
    return this.#prepare(slice, stretch);
  }

  #prepare(slice: LogSlice, stretch: Stretch): Prepared {
    return prepareSlice(this.#parts.delivery, this.#cursor.integrationId, { ...slice, stretch });
  }

  /** @returns whether to go on. */
  async #deliver({ slice, ready }: Prepared): Promise<boolean> {
    const { delivery, refusals } = this.#parts;
    const queue = cut(delivery, ready);
    for (let batch = queue.shift(); batch !== undefined; batch = queue.shift()) {
      const result = await this.#send(batch);
      if (result === undefined) return false;
      const { outcome } = result;
      if (outcome.kind === 'retry') return await this.#leaveAlone(outcome.reason, outcome.afterMs);
      if (outcome.kind === 'refused') {
        if (isSplit(outcome, batch.length)) {
          queue.unshift(...halves(batch));
          continue;
        }
        slice.unsent.push(...batch.map(({ position }) => ({ position, reason: outcome.reason })));
      }
      const upTo = queue.length === 0 ? undefined : batch.at(-1)?.position;
      this.#noteProgress({ slice, upTo, delivered: outcome.kind === 'delivered' });
      const leaveAlone = refusals.areAll(this.#cursor.id, outcome);
      if (leaveAlone && outcome.kind === 'refused') return await this.#leaveAlone(outcome.reason, undefined);
      if (upTo !== undefined && !(await this.#proceed())) return false;
    }
    this.#noteProgress({ slice, upTo: undefined, delivered: false });
    return await this.#settle();
  }

  #noteProgress({ slice, upTo, delivered }: Progress): void {
    this.#progress = { slice, upTo, delivered: delivered || this.#progress?.delivered === true };
  }

  /** A batch is over, and its slice is not. @returns whether the cursor is still ours, as far as is known. */
  async #proceed(): Promise<boolean> {
    return performance.now() - this.#settledAt < settleEveryMs || (await this.#settle());
  }

  async #send(batch: readonly PreparedEvent[]): Promise<SendResult | undefined> {
    if (performance.now() - this.#confirmedAt > freshMs && !(await this.#confirm())) return undefined;
    const destination = this.#destination ?? (await this.#parts.openDestination(this.#cursor));
    // opening took its time too: from here to the first byte nothing is waited for but the connection
    if (this.#signal.aborted || performance.now() - this.#confirmedAt > freshMs) return undefined;
    this.#destination = destination;
    const startedAt = performance.now();
    await using exchange = this.#accompany();
    this.#sendingSince = startedAt;
    const result = await this.#parts.delivery.send(destination, batch, exchange.signal);
    this.#sendingSince = undefined;
    if (exchange.signal.aborted) return undefined;
    const attempt = {
      firstPosition: batch[0]?.position ?? 0,
      lastPosition: batch.at(-1)?.position ?? 0,
      events: batch.length,
      outcome: nameOf(result.outcome, batch.length),
      status: result.status,
      error: result.error,
      latencyMs: Math.round(performance.now() - startedAt),
      answer: result.answer,
    };
    this.#tell(attempt);
    return result;
  }

  /** What happens beside a request or a wait, as long as it takes: it may take longer than a lease lasts. */
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

  /** What is over by now stays so: of a batch that was refused as a whole, its dead letters. */
  async #leaveAlone(reason: string, afterMs: number | undefined): Promise<false> {
    await this.#flush();
    const { isReplay, position, end } = this.#cursor;
    // a replay at its end is over, and has nothing to wait for
    return isReplay && position >= end.position ? false : await this.#backOff(reason, afterMs);
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

type Prepared = ReturnType<typeof prepareSlice>;

interface Exchange extends AsyncDisposable {
  readonly signal: AbortSignal;
}

function isDeepEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
