/** A closed loop: so many callers, each beginning its next call when its last one has been answered. */

export interface Load {
  readonly callers: number;
  readonly seconds: number;
}

/** One call of one caller (counted from 0), or undefined when nothing is left for it to do. Throws where it fails. */
export type Work = (caller: number) => Promise<void> | undefined;

export interface Measurement {
  readonly calls: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export async function measure({ callers, seconds }: Load, work: Work): Promise<Measurement> {
  const durationsMs: number[] = [];
  const start = performance.now();
  const deadline = start + seconds * 1_000;
  const repeat = async (caller: number) => {
    for (let begun = start; begun < deadline; ) {
      const call = work(caller);
      if (call === undefined) return;
      await call;
      const ended = performance.now();
      durationsMs.push(ended - begun);
      begun = ended;
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, caller) => repeat(caller)));
  const elapsedSeconds = (performance.now() - start) / 1_000;
  const sorted = durationsMs.toSorted((a, b) => a - b);
  return {
    calls: sorted.length,
    perSecond: sorted.length / elapsedSeconds,
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
  };
}

/** The middle one of several runs; half the distance between the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (at(sorted, Math.floor(middle)) + at(sorted, Math.ceil(middle))) / 2;
}

function quantile(sorted: readonly number[], share: number): number {
  return at(sorted, Math.min(sorted.length - 1, Math.floor(sorted.length * share)));
}

function at(values: readonly number[], index: number): number {
  const value = values[index];
  if (value === undefined) throw new Error('nothing was measured');
  return value;
}
