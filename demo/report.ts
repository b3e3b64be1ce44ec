/** The balance for people. */
import { type Balance, type Claim, isExact, isTrue, totalOf } from './balance.ts';
import { count, type Screen } from './screen.ts';

const columns = ['accepted', 'filtered', 'delivered', 'dead', 'undelivered', 'both'] as const;
const labelWidth = 18;
const columnWidth = 13;
const idsShown = 5;

export interface Report {
  readonly balances: readonly Balance[];
  readonly claims: readonly Claim[];
  /** What the destination should not have got, in words. */
  readonly faults: readonly string[];
}

/** @returns whether everything is right. */
export function print(screen: Screen, { balances, claims, faults }: Report): boolean {
  const total = totalOf(balances);
  screen.say('');
  screen.say(screen.paint('bold', row('Pairs', columns)));
  for (const balance of balances) screen.say(line(balance));
  screen.say(screen.paint('bold', line(total)));
  screen.say('');
  const wrong = [...balances.flatMap(problemsOf), ...claims.flatMap(problemOf), ...faults];
  for (const each of wrong) screen.say(screen.paint('red', `  wrong: ${each}`));
  screen.say(equation(total));
  const checked = `${claims.length} figures of Jackfield agree with what was counted outside of it`;
  screen.say(
    wrong.length === 0
      ? screen.paint('green', `The balance is exact: nothing is missing. ${checked}.`)
      : screen.paint('red', `The balance is off: ${wrong.length} things are wrong.`),
  );
  return wrong.length === 0;
}

function equation({ accepted, filtered, delivered, dead, undelivered, both }: Balance): string {
  const sum = `${count(delivered)} delivered + ${count(filtered)} filtered + ${count(dead)} dead`;
  const atDelete = `${count(undelivered)} undelivered at delete - ${count(both)} both`;
  return `${count(accepted)} accepted = ${sum} + ${atDelete}`;
}

function problemsOf(balance: Balance): readonly string[] {
  const { label, missing, strangers, contradictions } = balance;
  const named = [
    [missing, 'in no class'],
    [strangers, 'never accepted'],
    [contradictions, 'in two classes that exclude each other'],
  ] as const;
  const problems = named.flatMap(([ids, what]) =>
    ids.length === 0 ? [] : [`${label}: ${ids.length} events ${what}: ${ids.slice(0, idsShown).join(', ')}`],
  );
  return problems.length === 0 && !isExact(balance) ? [`${label}: the sum is another one`] : problems;
}

function problemOf(claim: Claim): readonly string[] {
  return isTrue(claim) ? [] : [`${claim.text}: ${claim.actual}, not ${claim.expected}`];
}

function line(balance: Balance): string {
  return row(
    balance.label,
    columns.map((column) => count(balance[column])),
  );
}

function row(label: string, cells: readonly string[]): string {
  return label.padEnd(labelWidth) + cells.map((cell) => cell.padStart(columnWidth)).join('');
}
