/** Opening the database and the keys, before anything is built on them. */
import { join } from 'node:path';
import type { PostgresPool } from 'kysely';
import type { Config } from './config/config.ts';
import { EmbeddedPool } from './storage/embedded.ts';
import { openPostgres } from './storage/postgres.ts';
import { Storage } from './storage/storage.ts';
import type { Logger } from './telemetry/logger.ts';
import { type Keyring, loadOrCreateKeyFile } from './vault/keyring.ts';
import type { Vault } from './vault/vault.ts';

export interface OpenOptions {
  readonly config: Config;
  readonly logger: Logger;
  /** The embedded database's thread has ended by itself: this process can serve nobody any more. */
  readonly onFatal: (error: Error) => void;
}

export async function openKeyring({ masterKeys, database }: Config): Promise<Keyring> {
  if (masterKeys !== undefined) return masterKeys;
  if (database.kind === 'postgres') throw new Error('the settings guarantee master keys for PostgreSQL');
  return await loadOrCreateKeyFile(join(database.dataDir, 'master.key'));
}

/** Building an index on a large table takes its time, and so does waiting for another process that does it. */
export async function migrate({ database }: Config, storage: Storage): Promise<void> {
  if (database.kind === 'embedded') {
    await storage.migrate();
    return;
  }
  const pool = openPostgres({
    url: database.url,
    poolSize: 1,
    limitTime: false,
    onIdleError: () => undefined,
  });
  await using patient = new Storage(pool);
  await patient.migrate();
}

export async function openPool({
  config: { database },
  logger,
  onFatal,
}: OpenOptions): Promise<PostgresPool> {
  if (database.kind === 'embedded') {
    const onMaintenanceError = (error: Error) =>
      logger.warn({ err: error }, 'the embedded database could not be tidied up');
    return await EmbeddedPool.open({
      dataDir: database.dataDir,
      durable: true,
      onCrash: onFatal,
      onMaintenanceError,
    });
  }
  const onIdleError = (error: Error) => logger.warn({ err: error }, 'an idle database connection was lost');
  return openPostgres({ url: database.url, poolSize: database.poolSize, onIdleError });
}

/** Wrong master keys are found at the start, not at the first customer's request. */
export async function requireFittingKeys(storage: Storage, vault: Vault): Promise<void> {
  const sample = await storage.organizations.anyDataKey();
  if (sample === undefined) return;
  try {
    await vault.check(sample.dataKey, sample.id);
  } catch (error) {
    throw new Error('The master keys do not fit this database: its data keys were wrapped by another one.', {
      cause: error,
    });
  }
}
