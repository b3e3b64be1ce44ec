/** What no client can do to a database: while no Jackfield runs on it. */
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import type { TestDatabase } from './database.ts';
import { query } from './sql.ts';

export async function change(
  { kind, environment }: TestDatabase,
  statements: readonly string[],
): Promise<void> {
  if (kind === 'postgres') {
    for (const each of statements) await query(environment['DATABASE_URL'] ?? '', each);
    return;
  }
  const db = await PGlite.create(join(environment['JACKFIELD_DATA_DIR'] ?? '', 'db'));
  for (const each of statements) await db.exec(each);
  await db.close();
}
