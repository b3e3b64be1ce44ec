/** What came in and what became of it, step by step: of one integration or of all of them. */
import { lazy, Suspense, useMemo } from 'react';
import { Loading } from './notice.tsx';

const Chart = lazy(async () => ({ default: (await import('./chart.tsx')).Chart }));

interface FlowStep {
  readonly at: string;
  readonly received: number;
  readonly forwarded: number;
  readonly retried: number;
  readonly rejected: number;
}

export function EventFlow({ label, steps }: { readonly label: string; readonly steps: readonly FlowStep[] }) {
  const times = useMemo(() => steps.map(({ at }) => at), [steps]);
  const series = useMemo(
    () => [
      { label: 'Received', colour: '--muted', values: steps.map((each) => each.received), dashed: true },
      { label: 'Forwarded', colour: '--accent', values: steps.map((each) => each.forwarded) },
      { label: 'Refused', colour: '--bad', values: steps.map((each) => each.rejected) },
      // the same events again and again while a destination is down: beside them the others could not be read
      {
        label: 'Tried again',
        colour: '--warn',
        values: steps.map((each) => each.retried),
        startsHidden: true,
      },
    ],
    [steps],
  );
  return (
    <Suspense fallback={<Loading what="the chart" />}>
      <Chart label={label} times={times} series={series} />
    </Suspense>
  );
}

interface StandingStep {
  readonly at: string;
  readonly waiting: number | null;
  readonly dead: number | null;
}

/** What there was at the end of each step; a gap where nobody looked. */
export function StandingOverTime({ steps }: { readonly steps: readonly StandingStep[] }) {
  const times = useMemo(() => steps.map(({ at }) => at), [steps]);
  const series = useMemo(
    () => [
      {
        label: 'Waiting',
        colour: '--accent',
        values: steps.map((each) => each.waiting),
        sums: 'last' as const,
      },
      {
        label: 'Dead letters',
        colour: '--bad',
        values: steps.map((each) => each.dead),
        sums: 'last' as const,
      },
    ],
    [steps],
  );
  return (
    <Suspense fallback={<Loading what="the chart" />}>
      <Chart label="Waiting and dead letters over time" times={times} series={series} />
    </Suspense>
  );
}
