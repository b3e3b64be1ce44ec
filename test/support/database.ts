/** A fresh, migrated database of either kind, as the settings that a Jackfield process is given. */

import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { inject } from 'vitest';

export const databaseKinds = ['embedded', 'postgres'] as const;
export type DatabaseKind = (typeof databaseKinds)[number];

export interface TestDatabase extends AsyncDisposable {
  readonly kind: DatabaseKind;
  readonly environment: Readonly<Record<string, string>>;
}

export async function createDatabase(kind: DatabaseKind): Promise<TestDatabase> {
  return kind === 'embedded' ? await createEmbedded() : await createPostgres();
}

/**
 * The embedded database's program, compiled and kept. As long as one is kept, every thread of the process that loads
 * the same file takes it from there: that halves what a start costs.
 */
declare const WebAssembly: { compile(bytes: Uint8Array): Promise<object> };
let program: Promise<object> | undefined;

async function keepProgram(): Promise<void> {
  const file = join(dirname(createRequire(import.meta.url).resolve('@electric-sql/pglite')), 'pglite.wasm');
  program ??= readFile(file).then((bytes) => WebAssembly.compile(bytes));
  await program;
}

async function createEmbedded(): Promise<TestDatabase> {
  await keepProgram();
  const dataDir = await mkdtemp(join(tmpdir(), 'jackfield-test-'));
  await cp(join(inject('templateFolder'), 'db'), join(dataDir, 'db'), { recursive: true });
  return {
    kind: 'embedded',
    environment: { JACKFIELD_DATA_DIR: dataDir },
    [Symbol.asyncDispose]: async () => await rm(dataDir, { recursive: true, force: true }),
  };
}

async function createPostgres(): Promise<TestDatabase> {
  const server = inject('postgresUrl');
  const name = `test_${randomBytes(8).toString('hex')}`;
  await onServer(server, `create database ${name} template ${inject('templateDatabase')}`);
  return {
    kind: 'postgres',
    environment: {
      DATABASE_URL: `${server}/${name}`,
      JACKFIELD_MASTER_KEYS: `test:${randomBytes(32).toString('base64')}`,
    },
    [Symbol.asyncDispose]: async () => await onServer(server, `drop database ${name} with (force)`),
  };
}

async function onServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: `${url}/postgres` });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
