/** Keeps a place ready for the events of the coming days, and drops the days that are past their time. */
import type { Storage } from '../storage/storage.ts';

const dayMs = 24 * 60 * 60 * 1_000;
/** Nobody needs to look after the service for so long. */
const daysAhead = 7;

export class Retention {
  readonly #storage: Storage;
  readonly #days: number;
  readonly #now: () => Date;

  constructor(storage: Storage, days: number, now: () => Date) {
    this.#storage = storage;
    this.#days = days;
    this.#now = now;
  }

  async keepUp(): Promise<void> {
    const now = this.#now().getTime();
    for (let day = 0; day <= daysAhead; day++) {
      await this.#storage.deliveryLog.createPartition(new Date(now + day * dayMs));
    }
    await this.#storage.deliveryLog.forget(new Date(now - this.#days * dayMs));
  }
}
