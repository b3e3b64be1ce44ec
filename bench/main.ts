/** `npm run bench [-- --rounds 5 --seconds 2]`: measures Jackfield on both databases and prints Markdown. */
import { parseArgs } from 'node:util';
import { startPostgres } from '../test/support/postgres-server.ts';
import { butterOperationsOf } from './butter-operations.ts';
import { type ButterSubject, startButterSubject } from './butter-subject.ts';
import { createEmbedded, createPostgres } from './database.ts';
import { openDeleteFloor } from './floor-delete.ts';
import { startGetFloor } from './floor-get.ts';
import { describeMachine } from './machine.ts';
import { type Operation, operationsOf } from './operations.ts';
import { callers, type DeleteRates, type Plan } from './plan.ts';
import { renderMemory, renderResults } from './report.ts';
import { runRounds, type Scenario } from './rounds.ts';
import { type Subject, startSubject } from './subject.ts';

const postgresRates: DeleteRates = { one: 4_000, ten: 2_000, floor: 3_000 };
const embeddedRates: DeleteRates = { one: 2_500, ten: 1_000, floor: 0 };

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '2' } },
});
const plan: Plan = { rounds: positive(values.rounds), secondsPerRun: positive(values.seconds) };

await using server = await startPostgres({ durable: true });
await using postgresDatabase = await createPostgres(server.url);
await using embeddedDatabase = await createEmbedded();
process.stderr.write('seeding\n');
await using postgres = await startSubject({ database: postgresDatabase, plan, deleteRates: postgresRates });
await using embedded = await startSubject({ database: embeddedDatabase, plan, deleteRates: embeddedRates });
await using getFloor = await startGetFloor(server.url);
await using deleteFloor = openDeleteFloor(postgresDatabase.url, postgres.deleters);

await using butterPostgresDatabase = await createPostgres(server.url, 'jackfield_butter');
await using butterEmbeddedDatabase = await createEmbedded();
await using butterPostgres = await startButterSubject(butterPostgresDatabase, plan, {
  one: 4_000,
  ten: 1_500,
  thousand: 12,
});
await using butterEmbedded = await startButterSubject(butterEmbeddedDatabase, plan, {
  one: 1_500,
  ten: 500,
  thousand: 6,
});

const results = await runRounds(
  [
    ...scenarios(postgres, { get: getFloor, deleteTen: deleteFloor }),
    ...scenarios(embedded, {}),
    ...butterScenarios(butterPostgres),
    ...butterScenarios(butterEmbedded),
  ],
  plan,
).catch((error: unknown) => {
  const logs = [postgres, embedded, butterPostgres, butterEmbedded].map((subject) => subject.failures());
  throw new Error(`a run failed\n${logs.join('\n')}`, { cause: error });
});
const memory = await renderMemory([postgres, embedded]);
console.log(
  `${callers} callers; ${plan.rounds} rounds of ${plan.secondsPerRun} s; ${await describeMachine(server.url)}\n`,
);
console.log(`${renderResults(results)}\n\n${memory}`);

type OperationName = keyof ReturnType<typeof operationsOf>;

function scenarios(subject: Subject, floors: Partial<Record<OperationName, Operation>>): Scenario[] {
  const operations: Record<OperationName, Operation> = operationsOf(subject);
  return Object.entries(operations).map(([name, operation]) => ({
    database: subject.name,
    operation,
    floor: floors[name as OperationName],
  }));
}

function butterScenarios(subject: ButterSubject): Scenario[] {
  return butterOperationsOf(subject).map((operation) => ({
    database: subject.name,
    operation: { ...operation, name: `/api: ${operation.name}` },
    floor: undefined,
  }));
}

function positive(text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new Error(`${text} is not a number above 0`);
  return number;
}
