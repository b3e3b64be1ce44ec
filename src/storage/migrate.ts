/**
 * Brings the database to this program's schema: SQL files of migrations/, forward only, in order, each in the one
 * transaction that also records it. `-- breaking` as a file's first line says that an older program must not run
 * on the result: such a program refuses to start.
 */
import { readdir, readFile } from 'node:fs/promises';
import { type Kysely, sql } from 'kysely';
import type { Schema } from './schema.ts';

/** Any fixed number: the advisory lock under which processes that start together migrate one after the other. */
const migrationLock = 7_242_001;
const folder = new URL('../../migrations/', import.meta.url);
const fileForm = /^(\d{4})-[a-z0-9-]+\.sql$/;

export class SchemaTooNewError extends Error {
  constructor(names: readonly string[]) {
    super(
      `The database was changed by a newer version of Jackfield (${names.join(', ')}) in a way that this version ` +
        'does not understand. Start that version or a newer one.',
    );
    this.name = 'SchemaTooNewError';
  }
}

/** @returns the names of the migrations that were applied now. @throws SchemaTooNewError */
export async function migrate(db: Kysely<Schema>): Promise<readonly string[]> {
  const files = await readMigrations();
  return await db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${sql.lit(migrationLock)})`.execute(tx);
    await sql`create table if not exists migration (
      id integer primary key, name text not null, breaking boolean not null,
      applied_at timestamptz not null default now())`.execute(tx);
    const applied = await tx.selectFrom('migration').select(['id', 'name', 'breaking']).execute();
    const known = new Set(files.map((file) => file.id));
    const newer = applied.filter((row) => !known.has(row.id) && row.breaking);
    if (newer.length > 0) throw new SchemaTooNewError(newer.map((row) => row.name));
    const missing = files.filter((file) => !applied.some((row) => row.id === file.id));
    for (const { id, name, breaking, statements } of missing) {
      for (const statement of statements) await sql.raw(statement).execute(tx);
      await tx.insertInto('migration').values({ id, name, breaking }).execute();
    }
    return missing.map((file) => file.name);
  });
}

/** The names of the migrations that a start would apply. */
export async function missingMigrations(db: Kysely<Schema>): Promise<readonly string[]> {
  const files = await readMigrations();
  const { rows } = await sql<{
    exists: boolean;
  }>`select to_regclass('migration') is not null as exists`.execute(db);
  if (rows[0]?.exists !== true) return files.map((file) => file.name);
  const applied = await db.selectFrom('migration').select('id').execute();
  return files.filter((file) => !applied.some((row) => row.id === file.id)).map((file) => file.name);
}

async function readMigrations() {
  const names = (await readdir(folder)).filter((name) => fileForm.test(name)).toSorted();
  return await Promise.all(
    names.map(async (name) => {
      const text = await readFile(new URL(name, folder), 'utf8');
      return {
        id: Number(name.slice(0, 4)),
        name,
        breaking: text.startsWith('-- breaking'),
        statements: splitStatements(text),
      };
    }),
  );
}

/**
 * A prepared statement holds one command, so a file is cut at the semicolons that end a line. Function bodies keep
 * theirs: between `$$` and `$$` nothing is cut.
 */
function splitStatements(text: string): string[] {
  const statements: string[] = [];
  let current = '';
  for (const line of text.split('\n')) {
    current += `${line}\n`;
    const insideBody = (current.match(/\$\$/g)?.length ?? 0) % 2 === 1;
    if (line.trimEnd().endsWith(';') && !insideBody) {
      statements.push(current);
      current = '';
    }
  }
  return statements;
}
