/** So many bytes, shared by those who hold events in memory. Who wants more than there is waits for its turn. */
export class Budget {
  readonly #bytes: number;
  #free: number;
  readonly #waiting = new Set<Waiting>();

  constructor(bytes: number) {
    this.#bytes = bytes;
    this.#free = bytes;
  }

  get inUse(): number {
    return this.#bytes - this.#free;
  }

  /** How many wait for their turn. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Nothing here is larger than the whole. `beside` goes on for as long as the turn has to be waited for.
   * @returns what was taken, to be given back; undefined: aborted before.
   */
  async take(
    bytes: number,
    signal: AbortSignal,
    beside: () => AsyncDisposable = nothing,
  ): Promise<Share | undefined> {
    if (signal.aborted) return undefined;
    if (this.#waiting.size > 0 || bytes > this.#free) {
      await using _ = beside();
      if (!(await this.#turn(bytes, signal))) return undefined;
    } else this.#free -= bytes;
    return new Share(bytes, (returned) => this.#return(returned));
  }

  /** @returns whether it has come. */
  async #turn(bytes: number, signal: AbortSignal): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const waiting = { bytes, begin: () => resolve(true) };
    this.#waiting.add(waiting);
    const leave = () => {
      this.#waiting.delete(waiting);
      resolve(false);
      // what was too much for this one may do for the next
      this.#return(0);
    };
    signal.addEventListener('abort', leave);
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  #return(bytes: number): void {
    this.#free += bytes;
    for (const next of this.#waiting) {
      if (next.bytes > this.#free) return;
      this.#waiting.delete(next);
      this.#free -= next.bytes;
      next.begin();
    }
  }
}

const nothing = () => new AsyncDisposableStack();

interface Waiting {
  readonly bytes: number;
  readonly begin: () => void;
}

export class Share implements Disposable {
  #bytes: number;
  readonly #giveBack: (bytes: number) => void;

  constructor(bytes: number, giveBack: (bytes: number) => void) {
    this.#bytes = bytes;
    this.#giveBack = giveBack;
  }

  /** Holds exactly so much: what it turned out to be, where a single event is larger than the share also more. */
  fit(bytes: number): void {
    this.#giveBack(this.#bytes - bytes);
    this.#bytes = bytes;
  }

  [Symbol.dispose](): void {
    this.fit(0);
  }
}
