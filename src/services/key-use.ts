/** When keys were last used: noted in memory, written now and then. The exact second is worth no write per request. */
import type { Storage } from '../storage/storage.ts';

/** A key's last use is written at most this often. */
const precisionMs = 60_000;

export class KeyUse {
  readonly #storage: Storage;
  readonly #now: () => Date;
  readonly #uses = new Map<string, Date>();

  constructor(storage: Storage, now: () => Date) {
    this.#storage = storage;
    this.#now = now;
  }

  note({ id, lastUsedAt }: { readonly id: string; readonly lastUsedAt: Date | null }): void {
    const now = this.#now();
    const age = lastUsedAt === null ? Infinity : now.getTime() - lastUsedAt.getTime();
    if (age >= precisionMs) this.#uses.set(id, now);
  }

  /** Writes the uses noted since the last call. Called now and then, and before the process ends. */
  async flush(): Promise<void> {
    if (this.#uses.size === 0) return;
    const uses = new Map(this.#uses);
    await this.#storage.apiKeys.touch(uses);
    // only now: what could not be written is written the next time; a use noted meanwhile is a later one
    for (const [id, at] of uses) if (this.#uses.get(id) === at) this.#uses.delete(id);
  }
}
