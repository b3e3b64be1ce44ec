/** Ids to delete, in equal parts: one for each run, so that a fast run takes nothing away from a later one. */
export class Stock {
  readonly #ids: string[];
  readonly #idsPerRun: number;

  constructor(ids: string[], runs: number) {
    this.#ids = ids;
    this.#idsPerRun = Math.floor(ids.length / runs);
  }

  nextRun(): string[] {
    return this.#ids.splice(-this.#idsPerRun);
  }
}

/** Removes and returns the last `count` ids, or undefined where fewer are left. */
export function take(ids: string[], count: number): readonly string[] | undefined {
  return ids.length < count ? undefined : ids.splice(-count);
}
