/** Randomness that can be had again: the same seed gives the same choices (mulberry32). */
export interface Random {
  /** 0 or more, less than `bound`. */
  below(bound: number): number;
  chance(probability: number): boolean;
  /** @throws Error on an empty list. */
  pick<T>(list: readonly T[]): T;
  /** The list in another order. */
  shuffled<T>(list: readonly T[]): readonly T[];
}

/** JACKFIELD_TEST_SEED, to repeat a run, or a fresh one. Tests say it in their name. */
export const testSeed = Number(process.env['JACKFIELD_TEST_SEED'] ?? Date.now() % 2 ** 32);

export function createRandom(seed: number): Random {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (bound: number) => Math.floor(next() * bound);
  return {
    below,
    chance: (probability) => next() < probability,
    pick: (list) => {
      if (list.length === 0) throw new Error('nothing to pick from');
      // in range, so it is there, whatever T is
      return list[below(list.length)] as (typeof list)[number];
    },
    shuffled: (list) => {
      const keyed = list.map((value) => ({ value, order: next() }));
      return keyed.toSorted((a, b) => a.order - b.order).map(({ value }) => value);
    },
  };
}
