/** So many bytes, shared by those who hold events in memory. Who wants more than there is waits for its turn. */
export class Budget {
  #free: number;
  readonly #waiting: { readonly bytes: number; readonly begin: () => void }[] = [];

  constructor(bytes: number) {
    this.#free = bytes;
  }

  /** Nothing here is larger than the whole. @returns what was taken, to be given back. */
  async take(bytes: number): Promise<Share> {
    if (this.#waiting.length > 0 || bytes > this.#free) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push({ bytes, begin: resolve });
      await promise;
    } else this.#free -= bytes;
    return new Share(bytes, (returned) => this.#return(returned));
  }

  #return(bytes: number): void {
    this.#free += bytes;
    for (let [next] = this.#waiting; next !== undefined && next.bytes <= this.#free; [next] = this.#waiting) {
      this.#waiting.shift();
      this.#free -= next.bytes;
      next.begin();
    }
  }
}

export class Share implements Disposable {
  #bytes: number;
  readonly #giveBack: (bytes: number) => void;

  constructor(bytes: number, giveBack: (bytes: number) => void) {
    this.#bytes = bytes;
    this.#giveBack = giveBack;
  }

  /** Keeps only so much; never takes more. */
  shrink(bytes: number): void {
    if (bytes >= this.#bytes) return;
    this.#giveBack(this.#bytes - bytes);
    this.#bytes = bytes;
  }

  [Symbol.dispose](): void {
    this.shrink(0);
  }
}
