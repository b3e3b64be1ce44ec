/**
 * Tells a destination that refuses some events from one that refuses whatever it is sent. To the latter every event
 * would become a dead letter, as fast as they can be sent; it is left alone like one that fails, so that most events
 * wait until somebody has looked.
 */
import type { SendOutcome } from '../providers/delivery.ts';

/** Guilty events come in ones and twos; so many side by side, each refused alone, are no accident. */
const mostInARow = 20;
/** A removed cursor never says that it is over. */
const cursorsKnown = 10_000;

export class Refusals {
  /** By cursor, over all its turns in this process. */
  readonly #inARow = new Map<number, number>();

  /**
   * Of a batch that was taken, or whose events become dead letters.
   * @returns whether to leave the destination alone: it refused a batch for what is not in the events, or one event
   * after another.
   */
  areAll(cursorId: number, outcome: SendOutcome): boolean {
    if (outcome.kind !== 'refused') {
      this.#inARow.delete(cursorId);
      return false;
    }
    const count = (this.#inARow.get(cursorId) ?? 0) + 1;
    if (!outcome.divisible || count >= mostInARow) {
      this.#inARow.delete(cursorId);
      return true;
    }
    if (this.#inARow.size >= cursorsKnown) this.#inARow.clear();
    this.#inARow.set(cursorId, count);
    return false;
  }
}
