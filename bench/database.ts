/** An empty database of either kind, as the settings of a Jackfield process, and open to the bench itself. */
import { randomBytes } from 'node:crypto';
import type { PostgresPool } from 'kysely';
import { Secret } from '../src/core/secret.ts';
import { EmbeddedPool } from '../src/storage/embedded.ts';
import { openPostgres } from '../src/storage/postgres.ts';
import { temporaryFolder } from '../test/support/folder.ts';
import { query } from '../test/support/sql.ts';

export interface BenchDatabase extends AsyncDisposable {
  readonly name: 'PostgreSQL' | 'embedded';
  readonly environment: Readonly<Record<string, string>>;
  /** For seeding. No Jackfield process may be running on it: the embedded database belongs to one process alone. */
  open(): Promise<PostgresPool>;
}

export async function createEmbedded(): Promise<BenchDatabase> {
  const folder = await temporaryFolder();
  return {
    name: 'embedded',
    environment: { JACKFIELD_DATA_DIR: folder.path },
    open: async () =>
      await EmbeddedPool.open({
        dataDir: folder.path,
        durable: false,
        onCrash: fail,
        onMaintenanceError: fail,
      }),
    [Symbol.asyncDispose]: async () => await folder[Symbol.asyncDispose](),
  };
}

/** On a server that is thrown away as a whole. */
export async function createPostgres(
  serverUrl: string,
  databaseName = 'jackfield',
): Promise<BenchDatabase & { readonly url: string }> {
  const url = await createDatabase(serverUrl, databaseName);
  return {
    name: 'PostgreSQL',
    url,
    environment: {
      DATABASE_URL: url,
      JACKFIELD_MASTER_KEYS: `bench:${randomBytes(32).toString('base64')}`,
    },
    open: async () => openPostgres({ url: new Secret(url), poolSize: 1, onIdleError: ignore }),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** @returns the new database's URL. */
export async function createDatabase(serverUrl: string, name: string): Promise<string> {
  await query(`${serverUrl}/postgres`, `create database ${name}`);
  return `${serverUrl}/${name}`;
}

function fail(error: Error): never {
  throw error;
}

/** The next statement on that pool fails by itself; thrown from here it would hide why the server went away. */
function ignore(): void {}
