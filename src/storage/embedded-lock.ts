/**
 * One process per data folder. The lock is SQLite's own exclusive file lock (node:sqlite): the kernel holds it and
 * drops it with the process, however that ends, so there is never a stale one to clear by hand.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export class DataFolderInUseError extends Error {
  constructor(dataDir: string, options?: ErrorOptions) {
    super(
      `The data folder ${dataDir} is in use by another Jackfield process. ` +
        'Stop that one, choose another folder with JACKFIELD_DATA_DIR, or use PostgreSQL (DATABASE_URL) to run several.',
      options,
    );
    this.name = 'DataFolderInUseError';
  }
}

/** Holds the folder until disposed of. @throws DataFolderInUseError */
export function lockDataFolder(dataDir: string): Disposable {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const lock = new DatabaseSync(join(dataDir, 'lock'), { timeout: 0 });
  try {
    lock.exec('pragma journal_mode = memory; begin exclusive');
  } catch (error) {
    lock.close();
    if (isBusy(error)) throw new DataFolderInUseError(dataDir, { cause: error });
    throw error;
  }
  return { [Symbol.dispose]: () => lock.close() };
}

function isBusy(error: unknown): boolean {
  const sqliteBusy = 5;
  return error instanceof Error && Reflect.get(error, 'errcode') === sqliteBusy;
}
