/**
 * Jackfield in a process of its own with everything that will be asked of it: tenants with keys, integrations to
 * read and change, tenants with room to create in, and rows to delete. It is started twice: the rows to delete are
 * written past it, and the embedded database belongs to one process at a time.
 */
import { newSendGridKey } from '../src/core/sendgrid-key.ts';
import { startProcess, type TestProcess } from '../test/support/process.ts';
import type { Tenant } from '../test/support/tenants.ts';
import { type Client, openClient } from './client.ts';
import type { BenchDatabase } from './database.ts';
import { type Memory, readMemory } from './machine.ts';
import {
  callers,
  type DeleteRates,
  idsPerBulkDelete,
  integrationsPerTenant,
  type Plan,
  totalRuns,
} from './plan.ts';
import { findOrganization, seedIntegrations, settle } from './seed.ts';
import { Stock } from './stock.ts';
import { createReadTenants, createTenants, type ReadTenant } from './tenants.ts';

export interface Subject extends AsyncDisposable {
  readonly name: BenchDatabase['name'];
  /** At the end of the first start, which creates the database and the tenants. */
  readonly firstStart: Memory;
  memory(): Promise<Memory>;
  readonly client: Client;
  /** What Jackfield has logged as its own failures. */
  failures(): string;
  /** One for each caller. */
  readonly readers: readonly ReadTenant[];
  /** One for each caller. */
  readonly deleters: readonly Deleter[];
  /** Without any integration; taken from here run by run. */
  readonly fresh: Tenant[];
}

/** A tenant with ids that nobody has deleted yet. */
export interface Deleter extends Tenant {
  readonly organizationId: string;
  readonly one: Stock;
  readonly ten: Stock;
  readonly floor: Stock;
}

export interface SubjectOptions {
  readonly database: BenchDatabase;
  readonly plan: Plan;
  readonly deleteRates: DeleteRates;
}

export async function startSubject({ database, plan, deleteRates }: SubjectOptions): Promise<Subject> {
  const key = newSendGridKey().token;
  const environment = {
    ...database.environment,
    JACKFIELD_BOOTSTRAP_SENDGRID_KEY: key,
    JACKFIELD_SEGMENT_INTEGRATION_LIMIT: '1000000',
  };
  const tenants = await createAllTenants({ environment, key, plan });
  const deleters = await seedDeleters({ database, tenants: tenants.deleters, plan, deleteRates });
  const running = await startProcess(environment);
  const client = openClient(running.url, callers);
  return {
    name: database.name,
    memory: async () => await memoryOf(running),
    client,
    failures: () => failuresIn(running.errors()),
    ...tenants,
    deleters,
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]();
      await running.end('SIGTERM');
    },
  };
}

async function memoryOf({ child }: TestProcess): Promise<Memory> {
  if (child.pid === undefined) throw new Error('Jackfield is not running');
  return await readMemory(child.pid);
}

/** The first of the lines that say so. */
export function failuresIn(log: string): string {
  const lines = log.split('\n').filter((line) => /"level":"(error|fatal)"/.test(line));
  return lines.slice(0, 3).join('\n');
}

interface Setup {
  readonly environment: Readonly<Record<string, string>>;
  readonly key: string;
  readonly plan: Plan;
}

async function createAllTenants({ environment, key, plan }: Setup) {
  await using running = await startProcess(environment);
  const account = { url: running.url, key };
  // each run of "create" takes one tenant for all callers, and then one for each
  const fresh = await createTenants(account, totalRuns(plan) * (1 + callers));
  const deleters = await createTenants(account, callers);
  const readers = await createReadTenants(account, { count: callers, integrations: integrationsPerTenant });
  const firstStart = await memoryOf(running);
  await running.end('SIGTERM');
  return { fresh, deleters, readers, firstStart };
}

interface Seeding extends SubjectOptions {
  readonly tenants: readonly Tenant[];
}

async function seedDeleters({ database, tenants, plan, deleteRates }: Seeding): Promise<Deleter[]> {
  const pool = await database.open();
  const runs = totalRuns(plan);
  const callsPerRun = (perSecond: number) => Math.ceil((perSecond * plan.secondsPerRun) / tenants.length);
  const deleters: Deleter[] = [];
  for (const tenant of tenants) {
    const organizationId = await findOrganization(pool, tenant.userId);
    const stock = async (idsPerRun: number) =>
      new Stock(await seedIntegrations(pool, organizationId, idsPerRun * runs), runs);
    deleters.push({
      ...tenant,
      organizationId,
      one: await stock(callsPerRun(deleteRates.one)),
      ten: await stock(callsPerRun(deleteRates.ten) * idsPerBulkDelete),
      floor: await stock(callsPerRun(deleteRates.floor) * idsPerBulkDelete),
    });
  }
  await settle(pool);
  await pool.end();
  return deleters;
}
