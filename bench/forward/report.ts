/** The figures as Markdown. */
import type { Comparison } from './compare.ts';
import type { Idle, Ratio, SizedBurst } from './loads.ts';

/** What was not measured is empty. */
export interface Results {
  readonly comparisons: readonly Comparison[];
  readonly idle: Idle | undefined;
  readonly sizes: readonly SizedBurst[];
  readonly ratios: readonly Ratio[];
}

export function render({ comparisons, idle, sizes, ratios }: Results): string {
  return [
    table(
      [
        'a request carries',
        'side',
        'sustained events/s',
        'in a burst',
        'its processor time per event, µs',
        'of its database, µs',
        'highest resident MB',
        'the same at the sustained rate',
      ],
      comparisons.map(({ name, isBatched, burst, sustained, highestMb, sustainedMb }) => [
        isBatched ? 'a batch' : 'one event',
        name,
        sustained === undefined ? 'none' : Math.round(sustained.offered),
        Math.round(burst.perSecond),
        burst.sideMicroseconds.toFixed(1),
        burst.databaseMicroseconds.toFixed(1),
        Math.round(highestMb),
        sustainedMb === undefined ? '' : Math.round(sustainedMb),
      ]),
    ),
    table(
      ['events in the log', 'events/s in a burst', 'processor time per event, µs', 'of the database, µs'],
      sizes.map(({ eventsInLog, perSecond, sideMicroseconds, databaseMicroseconds }) => [
        eventsInLog,
        Math.round(perSecond),
        sideMicroseconds.toFixed(1),
        databaseMicroseconds.toFixed(1),
      ]),
    ),
    table(['figure', 'aim', 'reached'], aims({ comparisons, idle, sizes, ratios })),
  ].join('\n\n');
}

function aims({ comparisons, idle, sizes, ratios }: Results): readonly (readonly string[])[] {
  const rateOf = (name: string, isBatched: boolean) =>
    comparisons.find((each) => each.name === name && each.isBatched === isBatched)?.sustained?.offered ??
    Number.NaN;
  const queues = ['pg-boss', 'graphile-worker', 'BullMQ'].map((name) => rateOf(name, false));
  const fastest = Math.max(...queues.filter((rate) => !Number.isNaN(rate)));
  const memory = comparisons.find(({ name, isBatched }) => name === 'Jackfield' && isBatched)?.sustainedMb;
  const [smallest] = sizes;
  const bounds = ['', '≥ 0.95', '≤ 1.25'];
  return [
    ['in batches, events/s', '≥ 50,000', rateOf('Jackfield', true).toFixed(0)],
    [
      'in batches, by the bare loop',
      '≥ 0.5',
      (rateOf('Jackfield', true) / rateOf('bare loop', true)).toFixed(2),
    ],
    ['one event a request, by the fastest queue', '≥ 1.2', (rateOf('Jackfield', false) / fastest).toFixed(2)],
    ['idle, accepted to first byte out, p50 ms', '≤ 4', fixed(idle?.fromAnswer.p50Ms)],
    ['the same, p99 ms', '≤ 15', fixed(idle?.fromAnswer.p99Ms)],
    ['idle, first byte in to first byte out, p50 ms', '', fixed(idle?.fromPost.p50Ms)],
    ['the same, p99 ms', '', fixed(idle?.fromPost.p99Ms)],
    ['highest resident memory at the sustained rate, MB', '≤ 300', String(Math.round(memory ?? Number.NaN))],
    [
      'processor time per event, fullest log by emptiest',
      '1',
      (costOf(sizes.at(-1)) / costOf(smallest)).toFixed(2),
    ],
    ...ratios.map(({ name, ratio }, index) => [name, bounds[index] ?? '', ratio.toFixed(2)]),
  ];
}

const fixed = (ms: number | undefined) => (ms ?? Number.NaN).toFixed(1);

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const rule = head.map(() => '---');
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function costOf(size: SizedBurst | undefined): number {
  return (size?.sideMicroseconds ?? Number.NaN) + (size?.databaseMicroseconds ?? Number.NaN);
}
