/** A PostgreSQL database in which Jackfield has never run, as the settings of a process. */
import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { query } from './sql.ts';

export interface EmptyDatabase extends AsyncDisposable {
  readonly url: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** On the test run's own server unless another one is given. */
export async function createEmptyDatabase(server = inject('postgresUrl')): Promise<EmptyDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  const url = `${server}/${name}`;
  await query(`${server}/postgres`, `create database ${name}`);
  return {
    url,
    environment: {
      DATABASE_URL: url,
      JACKFIELD_MASTER_KEYS: `test:${randomBytes(32).toString('base64')}`,
    },
    [Symbol.asyncDispose]: async () =>
      void (await query(`${server}/postgres`, `drop database ${name} with (force)`)),
  };
}
