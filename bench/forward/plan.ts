/** How much is measured. */
import { parseArgs } from 'node:util';
import type { Search } from './sustained.ts';

const allParts = ['idle', 'batches', 'singles', 'sizes', 'ratios'] as const;
type Part = (typeof allParts)[number];

export interface Plan {
  readonly parts: readonly Part[];
  readonly search: Search;
  /** How long the highest rates in batches have to be held. */
  readonly sustainSeconds: number;
  /** Of bursts: events for one request each, and in batches. */
  readonly singles: number;
  readonly batched: number;
  readonly idlePosts: number;
  /** Events in the log before a burst. */
  readonly sizes: readonly number[];
  readonly manyDestinations: number;
  readonly smallOrganizations: number;
  /** Ratios are medians of so many pairs. */
  readonly pairs: number;
}

const usual: Plan = {
  parts: allParts,
  search: { windowSeconds: 4, windows: 5 },
  sustainSeconds: 60,
  singles: 5_000,
  batched: 60_000,
  idlePosts: 200,
  sizes: [1e4, 1e5, 1e6],
  manyDestinations: 1_000,
  smallOrganizations: 200,
  pairs: 3,
};
const quick: Plan = {
  parts: allParts,
  search: { windowSeconds: 2, windows: 2 },
  sustainSeconds: 5,
  singles: 1_000,
  batched: 15_000,
  idlePosts: 30,
  sizes: [1e4, 1e5],
  manyDestinations: 100,
  smallOrganizations: 50,
  pairs: 1,
};

export function readPlan(): Plan {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      seconds: { type: 'string' },
      sizes: { type: 'string' },
      parts: { type: 'string' },
    },
  });
  const plan = values.quick ? quick : usual;
  return {
    ...plan,
    sustainSeconds: values.seconds === undefined ? plan.sustainSeconds : positive(values.seconds),
    parts: values.parts === undefined ? plan.parts : values.parts.split(',').map(partOf),
    sizes: values.sizes === undefined ? plan.sizes : values.sizes.split(',').map(positive),
  };
}

function partOf(text: string): Part {
  const part = allParts.find((each) => each === text);
  if (part === undefined) throw new Error(`${text} is none of ${allParts.join(', ')}`);
  return part;
}

function positive(text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new Error(`${text} is not a number above 0`);
  return number;
}
