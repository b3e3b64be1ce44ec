/**
 * Once per test run: a throw-away PostgreSQL, on both databases a migrated template that every test file copies, and the
 * dashboard as it is served.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { Secret } from '../../src/core/secret.ts';
import { EmbeddedPool } from '../../src/storage/embedded.ts';
import { openPostgres } from '../../src/storage/postgres.ts';
import { Storage } from '../../src/storage/storage.ts';
import { startPostgres } from './postgres-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    postgresUrl: string;
    templateDatabase: string;
    templateFolder: string;
  }
}

const templateDatabase = 'jackfield_template';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres();
  const folder = await mkdtemp(join(tmpdir(), 'jackfield-template-'));
  await Promise.all([migratePostgres(server.url), migrateEmbedded(folder), buildDashboard()]);
  project.provide('postgresUrl', server.url);
  project.provide('templateDatabase', templateDatabase);
  project.provide('templateFolder', folder);
  return async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  };
}

/** Only where it is older than its sources. */
async function buildDashboard(): Promise<void> {
  const script = fileURLToPath(new URL('../../scripts/build-dashboard.ts', import.meta.url));
  await promisify(execFile)(process.execPath, [script]);
}

async function migratePostgres(url: string): Promise<void> {
  const admin = new pg.Client({ connectionString: `${url}/postgres` });
  await admin.connect();
  await admin.query(`create database ${templateDatabase}`);
  await admin.end();
  const pool = openPostgres({
    url: new Secret(`${url}/${templateDatabase}`),
    poolSize: 1,
    onIdleError: () => undefined,
  });
  await using storage = new Storage(pool);
  await storage.migrate();
}

async function migrateEmbedded(dataDir: string): Promise<void> {
  const pool = await EmbeddedPool.open({
    dataDir,
    durable: false,
    onCrash: () => undefined,
    onMaintenanceError: () => undefined,
  });
  await using storage = new Storage(pool);
  await storage.migrate();
}
