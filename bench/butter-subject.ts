/** What the Butter surface's operations need to exist: one organization with integrations, some of them referred to. */
import { randomBytes } from 'node:crypto';
import type { PostgresPool } from 'kysely';
import { newRoleKey } from '../src/core/role-key.ts';
import { startProcess } from '../test/support/process.ts';
import { type Client, openClient } from './client.ts';
import type { BenchDatabase } from './database.ts';
import { type Memory, readMemory } from './machine.ts';
import { callers, idsPerBulkDelete, type Plan, totalRuns } from './plan.ts';
import { seedIntegrations, seedNumbers, settle } from './seed.ts';
import { Stock } from './stock.ts';
import { failuresIn } from './subject.ts';

export interface ButterSubject extends AsyncDisposable {
  readonly name: BenchDatabase['name'];
  readonly client: Client;
  readonly headers: Readonly<Record<string, string>>;
  readonly readable: readonly string[];
  /** One number refers to it. */
  readonly used: string;
  /** Ten thousand numbers refer to it. */
  readonly crowded: string;
  readonly deletable: { readonly one: Stock; readonly ten: Stock; readonly thousand: Stock };
  memory(): Promise<Memory>;
  /** What Jackfield has logged as its own failures. */
  failures(): string;
}

/** Deletes per second that there is enough to delete for; a run that runs out of it ends early. */
export interface ButterRates {
  readonly one: number;
  readonly ten: number;
  readonly thousand: number;
}

export const butterBody = {
  name: 'Bench',
  credentials: { provider: 'segment', write_key: 'write-key-1234567', destination_region: 'EU' },
} as const;

const readableIntegrations = 100;
const crowd = 10_000;

export async function startButterSubject(
  database: BenchDatabase,
  plan: Plan,
  rates: ButterRates,
): Promise<ButterSubject> {
  const roleKey = newRoleKey().token;
  const organizationId = `org_bench${randomBytes(4).toString('hex')}`;
  const environment = {
    ...database.environment,
    JACKFIELD_BOOTSTRAP_API_KEY: roleKey,
    JACKFIELD_BOOTSTRAP_ORGANIZATION_ID: organizationId,
    JACKFIELD_SEGMENT_INTEGRATION_LIMIT: '1000000',
    // nobody listens there
    JACKFIELD_TWILIO_URL: 'http://127.0.0.1:9',
  };
  const headers = { 'x-api-key': roleKey, 'x-organization-id': organizationId };
  // the first start makes the organization; rows are then written past Jackfield, while it does not run
  await (await startProcess(environment)).end('SIGTERM');
  const seeded = await seed(await database.open(), organizationId, { plan, rates });
  const running = await startProcess(environment);
  const client = openClient(running.url, callers);
  return {
    ...seeded,
    name: database.name,
    client,
    headers,
    memory: async () => await readMemory(running.child.pid ?? 0),
    failures: () => failuresIn(running.errors()),
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]();
      await running.end('SIGTERM');
    },
  };
}

async function seed(
  pool: PostgresPool,
  organizationId: string,
  { plan, rates }: { readonly plan: Plan; readonly rates: ButterRates },
) {
  const many = async (count: number) => await seedIntegrations(pool, organizationId, count);
  const runs = totalRuns(plan);
  // however slow an operation is, each caller has something to do in each run
  const callsPerRun = (perSecond: number) => Math.max(callers, Math.ceil(perSecond * plan.secondsPerRun));
  const stock = async (idsPerRun: number) => new Stock(await many(idsPerRun * runs), runs);
  const [used = '', crowded = ''] = await many(2);
  await seedNumbers(pool, organizationId, { integrationId: used, first: 1, count: 1 });
  await seedNumbers(pool, organizationId, { integrationId: crowded, first: 2, count: crowd });
  const seeded = {
    readable: await many(readableIntegrations),
    used,
    crowded,
    deletable: {
      one: await stock(callsPerRun(rates.one)),
      ten: await stock(callsPerRun(rates.ten) * idsPerBulkDelete),
      thousand: await stock(callsPerRun(rates.thousand) * 1_000),
    },
  };
  await settle(pool);
  await pool.end();
  return seeded;
}
