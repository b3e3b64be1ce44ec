/** Two requests that want what cannot both be had: each pair is brought together again and again. */
import type { RaceRequest } from './model.ts';

export interface PairSubjects {
  readonly a: string;
  readonly b: string;
  readonly phoneNumber: string;
  /** The id of the number, where the pair needs one. */
  readonly numberId: string;
}

export interface Pair {
  readonly title: string;
  /** What the number refers to beforehand; undefined: it is not imported yet. */
  readonly numberAt?: 'a' | 'b';
  readonly requests: (subjects: PairSubjects) => readonly [RaceRequest, RaceRequest];
  /** Every pair of statuses that there can be; each must be seen. */
  readonly outcomes: readonly string[];
}

const remove = (...ids: readonly string[]) => ({ kind: 'remove', ids, bulk: ids.length > 1 }) as const;

export const pairs: readonly Pair[] = [
  {
    title: 'a removal and an import',
    requests: ({ a, phoneNumber }) => [remove(a), { kind: 'import', phoneNumber, integrationId: a }],
    outcomes: ['200 404', '409 201'],
  },
  {
    title: 'a removal and a number that moves away',
    numberAt: 'a',
    requests: ({ a, b, numberId }) => [remove(a), { kind: 'reassign', numberId, integrationId: b }],
    outcomes: ['200 200', '409 200'],
  },
  {
    title: 'a removal and a number that moves there',
    numberAt: 'b',
    requests: ({ a, numberId }) => [remove(a), { kind: 'reassign', numberId, integrationId: a }],
    outcomes: ['200 404', '409 200'],
  },
  {
    title: 'a removal and an update',
    requests: ({ a }) => [remove(a), { kind: 'update', id: a, name: 'renamed', newCredentials: false }],
    outcomes: ['200 200', '200 404'],
  },
  {
    title: 'two removals that replace one with the other',
    numberAt: 'a',
    requests: ({ a, b }) => [
      { ...remove(a), replaceWith: b },
      { ...remove(b), replaceWith: a },
    ],
    outcomes: ['200 422', '422 200'],
  },
  {
    title: 'two removals of many in opposite order',
    requests: ({ a, b }) => [remove(a, b), remove(b, a)],
    outcomes: ['200 404', '404 200'],
  },
  {
    title: 'two imports of one number',
    requests: ({ a, b, phoneNumber }) => [
      { kind: 'import', phoneNumber, integrationId: a },
      { kind: 'import', phoneNumber, integrationId: b },
    ],
    outcomes: ['201 409', '409 201'],
  },
];
