/**
 * The memory that posts may take until they are durable. What has arrived of a post counts, not what it announces: a
 * client that sends slowly holds little, and where room is short it gives way to whoever waits behind it.
 */
import { AppError } from '../core/errors.ts';

/** Four of the largest posts and what they take beside their bytes; well below the memory aim of a process. */
const defaultMostBytes = 40 * 1024 * 1024;
/** A post that has been arriving for longer gives way. SendGrid sends one in a fraction of that. */
const patienceMs = 5_000;

interface BudgetOptions {
  readonly mostBytes?: number;
  /** In milliseconds, ever growing. */
  readonly now?: () => number;
}

export class IntakeBudget {
  readonly #mostBytes: number;
  readonly #now: () => number;
  readonly #shares = new Set<IntakeShare>();
  #bytes = 0;

  constructor({ mostBytes = defaultMostBytes, now = () => performance.now() }: BudgetOptions = {}) {
    this.#mostBytes = mostBytes;
    this.#now = now;
  }

  /** Bytes of posts that are not yet durable. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Room for a post that is about to be read. @throws AppError overloaded */
  admit(announcedBytes: number): IntakeShare {
    if (!this.#makeRoom(announcedBytes)) throw overloaded();
    const share = new IntakeShare({
      since: this.#now(),
      resize: (by) => this.#resize(share, by),
      leave: () => this.#leave(share),
    });
    this.#shares.add(share);
    return share;
  }

  #resize(share: IntakeShare, by: number): void {
    if (by > 0 && !this.#makeRoom(by, share) && !this.#isAlone(share)) throw overloaded();
    this.#bytes += by;
  }

  /** However much it takes, one post that is here whole may always go on: it would find no more room later. */
  #isAlone(share: IntakeShare): boolean {
    return !share.isArriving && [...this.#shares].every((each) => each === share || each.isArriving);
  }

  #leave(share: IntakeShare): void {
    if (this.#shares.delete(share)) this.#bytes -= share.bytes;
  }

  /** Whether there is room for so much more; slow posts are refused where that makes it. */
  #makeRoom(bytes: number, wanted?: IntakeShare): boolean {
    const missing = () => this.#bytes + bytes - this.#mostBytes;
    if (missing() <= 0) return true;
    const slow = [...this.#shares]
      .filter((each) => each !== wanted && each.isArriving && this.#now() - each.since > patienceMs)
      .toSorted((a, b) => b.bytes - a.bytes);
    if (slow.reduce((sum, each) => sum + each.bytes, 0) < missing()) return false;
    for (const each of slow) if (missing() > 0) each.revoke();
    return true;
  }
}

interface ShareParts {
  readonly since: number;
  readonly resize: (by: number) => void;
  readonly leave: () => void;
}

/** One post's part of the budget, given back when it is disposed of. */
export class IntakeShare implements Disposable {
  readonly #parts: ShareParts;
  readonly #revocation = new AbortController();
  #bytes = 0;
  #isArriving = true;

  constructor(parts: ShareParts) {
    this.#parts = parts;
  }

  get since(): number {
    return this.#parts.since;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isArriving(): boolean {
    return this.#isArriving;
  }

  /** Aborted with the error to answer, where the post must give way. */
  get revoked(): AbortSignal {
    return this.#revocation.signal;
  }

  /** So many bytes more are held. @throws AppError overloaded */
  grow(bytes: number): void {
    this.#revocation.signal.throwIfAborted();
    this.#parts.resize(bytes);
    this.#bytes += bytes;
  }

  /** All of it is here, and takes so many bytes. @throws AppError overloaded */
  settle(bytes: number): void {
    this.#isArriving = false;
    this.grow(bytes - this.#bytes);
  }

  revoke(): void {
    this[Symbol.dispose]();
    this.#revocation.abort(overloaded());
  }

  [Symbol.dispose](): void {
    this.#parts.leave();
  }
}

function overloaded(): AppError {
  return new AppError({ code: 'overloaded' });
}
