/** Everything that a run has left behind, as one text to search for planted secrets. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { TestApp } from './app.ts';

/** Stops the app. @returns the log, and every row or every byte of the database, write-ahead log and dead rows included. */
export async function collectTraces(
  app: TestApp,
): Promise<{ readonly log: string; readonly stored: string }> {
  const rows = app.database.kind === 'postgres' ? await dumpDatabase(app) : '';
  await app.app.stop();
  const files = app.database.kind === 'embedded' ? await readFolder(app) : '';
  return { log: app.logLines.join('\n'), stored: rows + files };
}

/** Every row of every table, as text. */
async function dumpDatabase(app: TestApp): Promise<string> {
  const client = new pg.Client({ connectionString: app.database.environment['DATABASE_URL'] });
  await client.connect();
  try {
    const tables = await client.query(
      "select table_name from information_schema.tables where table_schema = 'public'",
    );
    const dumps = [];
    for (const { table_name } of tables.rows) {
      dumps.push(JSON.stringify((await client.query(`select t::text as row from "${table_name}" t`)).rows));
    }
    return dumps.join('\n');
  } finally {
    await client.end();
  }
}

async function readFolder(app: TestApp): Promise<string> {
  const folder = app.database.environment['JACKFIELD_DATA_DIR'] ?? '';
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name !== 'master.key');
  const texts = await Promise.all(
    files.map(async (file) => await readFile(join(file.parentPath, file.name), 'latin1')),
  );
  return texts.join('\n');
}
