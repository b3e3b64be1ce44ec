/** The figures as a Markdown table: medians over the rounds, and ratios as the median of each round's ratio. */
import { type Measurement, median } from './measure.ts';
import { of } from './operations.ts';
import type { Result } from './rounds.ts';
import type { Subject } from './subject.ts';

export function renderResults(results: readonly Result[]): string {
  const rows = results.flatMap(({ scenario, runs, floorRuns }) => {
    const share = floorRuns.length === 0 ? '' : ratio(runs, floorRuns).toFixed(2);
    const row = [scenario.database, scenario.operation.name, ...figures(runs), share];
    if (scenario.floor === undefined) return [row];
    return [row, ['', `floor: ${scenario.floor.name}`, ...figures(floorRuns), '']];
  });
  return table(['database', 'operation', 'per second', 'p50 ms', 'p99 ms', 'share of the floor'], rows);
}

/** Call it right after the last run. */
export async function renderMemory(subjects: readonly Subject[]): Promise<string> {
  const rows = await Promise.all(
    subjects.map(async (subject) => {
      const { residentMb, highestResidentMb } = await subject.memory();
      const megabytes = [residentMb, highestResidentMb, subject.firstStart.highestResidentMb];
      return [subject.name, ...megabytes.map(Math.round)];
    }),
  );
  return table(['database', 'resident MB after the last run', 'highest', 'highest of the first start'], rows);
}

function ratio(runs: readonly Measurement[], floorRuns: readonly Measurement[]): number {
  return median(runs.map(({ perSecond }, round) => perSecond / of(floorRuns, round).perSecond));
}

function figures(runs: readonly Measurement[]): string[] {
  const middle = (name: 'perSecond' | 'p50Ms' | 'p99Ms', digits: number) =>
    median(runs.map((run) => run[name])).toFixed(digits);
  return [middle('perSecond', 0), middle('p50Ms', 1), middle('p99Ms', 1)];
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const rule = head.map(() => '---');
  return [head, rule, ...rows].map(line).join('\n');
}

function line(cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`;
}
