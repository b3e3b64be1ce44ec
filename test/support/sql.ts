/** The test's own look into a PostgreSQL database, past Jackfield. */
import pg from 'pg';
import { expect, vi } from 'vitest';

type Row = Readonly<Record<string, unknown>>;

export async function query(url: string, sql: string): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

export interface Held extends AsyncDisposable {
  /** How many sessions of the database wait for a lock now. */
  waiters(): Promise<number>;
}

const waitingSessions = `
  select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;

/** Runs a statement and keeps the locks that it takes, so that others wait for them, until disposed of. */
export async function hold(url: string, statement: string): Promise<Held> {
  const client = new pg.Client({ connectionString: url });
  // a server that goes away takes the lock with it: that is what some tests are about
  client.on('error', () => undefined);
  await client.connect();
  await client.query(`begin; ${statement}`);
  return {
    waiters: async () => (await query(url, waitingSessions)).length,
    [Symbol.asyncDispose]: async () => await client.end(),
  };
}

/** Cuts off every other session of the database. */
export async function cutSessions(url: string): Promise<void> {
  await query(
    url,
    `select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`,
  );
}

/** Ends the sessions of Jackfield alone, and waits until they are gone with what they were doing. */
export async function endSessions(url: string, application = 'jackfield%'): Promise<void> {
  await query(
    url,
    `select pg_terminate_backend(pid, 10000) from pg_stat_activity
    where datname = current_database() and application_name like '${application}'`,
  );
}

/**
 * Counted by PostgreSQL itself: Jackfield would repeat a transaction that a deadlock has ended, and hide it. Sessions
 * report what they counted when they end.
 */
export async function deadlocks(url: string): Promise<unknown> {
  const others = 'from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()';
  await vi.waitFor(async () => expect(await query(url, `select ${others}`)).toEqual([]), { timeout: 10_000 });
  const [row] = await query(
    url,
    'select deadlocks::int as deadlocks from pg_stat_database where datname = current_database()',
  );
  return row?.['deadlocks'];
}
