/** Small work that is done now and then, and once more before the process ends. A failure is logged and tried again. */
import type { Logger } from './telemetry/logger.ts';

export interface Chore {
  /** What it looks after, for the log. */
  readonly name: string;
  readonly everyMs: number;
  readonly run: () => Promise<void>;
}

export class Chores {
  readonly #logger: Logger;
  readonly #chores: readonly Chore[];
  readonly #timers: readonly NodeJS.Timeout[];

  constructor(logger: Logger, chores: readonly Chore[]) {
    this.#logger = logger;
    this.#chores = chores;
    this.#timers = chores.map((chore) => setInterval(() => void this.#do(chore), chore.everyMs).unref());
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    for (const chore of this.#chores) await this.#do(chore);
  }

  async #do({ name, run }: Chore): Promise<void> {
    try {
      await run();
    } catch (error) {
      this.#logger.warn({ err: error, chore: name }, 'a chore failed');
    }
  }
}
