/**
 * The runs, round by round: in each round every operation once, on one database after the other, and right after an
 * operation its floor. So whatever else happens to the machine meets all of them alike, and a ratio compares two
 * runs that were neighbours.
 */
import { type Measurement, measure } from './measure.ts';
import type { Operation } from './operations.ts';
import { callers, type Plan } from './plan.ts';

export interface Scenario {
  readonly database: string;
  readonly operation: Operation;
  readonly floor: Operation | undefined;
}

export interface Result {
  readonly scenario: Scenario;
  /** In order of the rounds; the floor's run of the same round has the same place. */
  readonly runs: readonly Measurement[];
  readonly floorRuns: readonly Measurement[];
}

export async function runRounds(
  scenarios: readonly Scenario[],
  { rounds, secondsPerRun }: Plan,
): Promise<readonly Result[]> {
  const load = { callers, seconds: secondsPerRun };
  const results = scenarios.map((scenario) => ({
    scenario,
    runs: new Array<Measurement>(),
    floorRuns: new Array<Measurement>(),
  }));
  for (let round = 0; round <= rounds; round++) {
    process.stderr.write(round === 0 ? 'warming up\n' : `round ${round} of ${rounds}\n`);
    for (const { scenario, runs, floorRuns } of results) {
      const run = await measure(load, scenario.operation.begin());
      const floorRun = scenario.floor && (await measure(load, scenario.floor.begin()));
      if (round === 0) continue;
      runs.push(run);
      if (floorRun !== undefined) floorRuns.push(floorRun);
    }
  }
  return results;
}
