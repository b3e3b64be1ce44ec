/** The connection pool to a PostgreSQL server. */
import { createHash } from 'node:crypto';
import pg from 'pg';
import type { Secret } from '../core/secret.ts';

/** How long a caller waits for a free connection before the request fails. */
const connectTimeoutMs = 5_000;
/** No statement of this service runs longer in health; one that does is cancelled, its request fails. */
const statementTimeoutMs = 30_000;
/** Distinct statement texts are few and fixed; this only bounds a mistake. */
const preparedStatementsKept = 500;

const int8 = 20;
/** Not among the types that the driver's own declarations name. */
const int8Array: number = 1016;

const timeLimits = {
  statement_timeout: statementTimeoutMs,
  // the server's own limit cannot fire when the server is gone without a word
  query_timeout: statementTimeoutMs + 5_000,
};

/**
 * Statements are prepared, and their plans kept. One that was planned while a table was empty would go on reading all
 * of it, and sorting all of it, when it is full: every statement here has an index to follow, so nothing else is
 * planned. What has no index, a table of one row, is then thought to be very dear, and would be compiled for seconds.
 */
const followIndexes = '-c enable_seqscan=off -c enable_bitmapscan=off -c jit=off';

export interface PostgresOptions {
  readonly url: Secret;
  readonly poolSize: number;
  /** Off for migrations alone. */
  readonly limitTime?: boolean;
  /** A connection failed while idle; the pool replaces it by itself. */
  readonly onIdleError: (error: Error) => void;
}

export function openPostgres({ url, poolSize, limitTime = true, onIdleError }: PostgresOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url.reveal(),
    max: poolSize,
    connectionTimeoutMillis: connectTimeoutMs,
    ...(limitTime && timeLimits),
    keepAlive: true,
    application_name: 'jackfield',
    options: followIndexes,
    types: { getTypeParser },
    Client: PreparingClient,
  });
  pool.on('error', onIdleError);
  // the pool listens to idle connections only, and an error that nobody listens to ends the process; the loss of a
  // connection in use is told by the statement that fails
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** int8 columns here are counters and positions, far below 2^53: plain numbers, as the embedded database gives. */
const getTypeParser: typeof pg.types.getTypeParser = (oid, format) => {
  if (oid === int8) return Number;
  const id: number = oid;
  return id === int8Array ? parseNumbers : pg.types.getTypeParser(oid, format);
};

/** `{1,2}`; none of our arrays holds a null. */
function parseNumbers(text: string): readonly number[] {
  const inner = text.slice(1, -1);
  return inner === '' ? [] : inner.split(',').map(Number);
}

/** Names every parameterized statement, so that each connection parses and plans its text only once. */
class PreparingClient extends pg.Client {
  readonly #names = new Map<string, string>();

  // pg overloads query() in nine ways; only the one with text and values is touched
  override query(...args: unknown[]): never {
    const [text, values] = args;
    if (typeof text !== 'string' || !Array.isArray(values))
      return super.query(...(args as [string])) as never;
    return super.query({ name: this.#nameOf(text), text, values }) as never;
  }

  #nameOf(text: string): string | undefined {
    const known = this.#names.get(text);
    if (known !== undefined || this.#names.size >= preparedStatementsKept) return known;
    const name = createHash('sha256').update(text).digest('base64url').slice(0, 32);
    this.#names.set(text, name);
    return name;
  }
}
