/** Looks for what keeps a server from starting or delivering, and says what it found. Changes nothing. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, ConfigError, loadConfig } from '../config/config.ts';
import type { Environment } from '../config/env.ts';
import { openKeyring } from '../opening.ts';
import { KeyRotationService } from '../services/key-rotation.ts';
import { DataFolderInUseError } from '../storage/embedded-lock.ts';
import type { Storage } from '../storage/storage.ts';
import { Vault } from '../vault/vault.ts';
import { openStorage } from './store.ts';
import { reasonOfFetch } from './text.ts';

export interface Check {
  readonly check: string;
  readonly result: 'ok' | 'skipped' | 'failed';
  readonly finding: string;
}

/** Signatures, leases and expiry dates are compared across machines: seconds matter, not milliseconds. */
const tolerableSkewMs = 2_000;
const answerWithinMs = 5_000;

export async function examine(environment: Environment, signal: AbortSignal): Promise<readonly Check[]> {
  let config: Config;
  try {
    config = loadConfig(environment);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map((finding) => ({ check: 'settings', result: 'failed', finding }));
  }
  const settings: Check = { check: 'settings', result: 'ok', finding: 'usable' };
  const [database, destinations] = await Promise.all([
    examineDatabase(config),
    examineDestinations(config, signal),
  ]);
  return [settings, ...database, ...destinations];
}

async function examineDatabase(config: Config): Promise<readonly Check[]> {
  const { database } = config;
  if (database.kind === 'embedded' && !existsSync(join(database.dataDir, 'db', 'PG_VERSION'))) {
    const finding = `none in ${database.dataDir} yet; the first start creates it`;
    return [{ check: 'database', result: 'skipped', finding }];
  }
  try {
    await using storage = await openStorage(config);
    const kind = database.kind === 'embedded' ? `embedded in ${database.dataDir}` : 'PostgreSQL';
    return [
      { check: 'database', result: 'ok', finding: `${kind}, answers` },
      await attempt('schema', async () => await examineSchema(storage)),
      await attempt('master keys', async () => await examineKeys(config, storage)),
      await attempt('clock', async () => await examineClock(storage)),
    ];
  } catch (error) {
    if (error instanceof DataFolderInUseError) {
      return [{ check: 'database', result: 'skipped', finding: 'in use by a running Jackfield' }];
    }
    return [{ check: 'database', result: 'failed', finding: reasonOf(error) }];
  }
}

async function examineSchema(storage: Storage): Promise<string> {
  const missing = await storage.missingMigrations();
  return missing.length === 0 ? 'up to date' : `the next start applies ${missing.join(', ')}`;
}

async function examineKeys(config: Config, storage: Storage): Promise<string> {
  const { database, masterKeys } = config;
  // opening the keyring would make a key, and a new one fits nothing
  if (
    masterKeys === undefined &&
    database.kind === 'embedded' &&
    !existsSync(join(database.dataDir, 'master.key'))
  ) {
    throw new Error(`${database.dataDir} has no master.key; put back the one that belongs to this database`);
  }
  const checked = await new KeyRotationService(storage, new Vault(await openKeyring(config))).checkAll();
  return `open all ${checked} data keys`;
}

async function examineClock(storage: Storage): Promise<string> {
  const before = Date.now();
  const database = (await storage.now()).getTime();
  const after = Date.now();
  // the answer was made somewhere in between
  const skew = Math.max(before - database, database - after, 0);
  const finding = `${skew} ms apart from the database`;
  if (skew > tolerableSkewMs) throw new Error(`${finding}; set one of the two right`);
  return finding;
}

async function examineDestinations(config: Config, signal: AbortSignal): Promise<readonly Check[]> {
  const { segmentUrls, twilioUrl, oidc } = config;
  const destinations: readonly (readonly [string, URL])[] = [
    ['Segment US', segmentUrls.US],
    ['Segment EU', segmentUrls.EU],
    ['Twilio', twilioUrl],
    ...(oidc === undefined ? [] : [['OpenID Connect', oidc.issuer] as const]),
  ];
  return await Promise.all(
    destinations.map(async ([name, url]) => await attempt(name, async () => await reach(url, signal))),
  );
}

/** Any answer will do: it is the way there that is looked at. */
async function reach(url: URL, signal: AbortSignal): Promise<string> {
  const within = AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)]);
  const response = await fetch(url, { method: 'HEAD', redirect: 'manual', signal: within });
  await response.body?.cancel();
  return `${url.origin} answers`;
}

async function attempt(check: string, examination: () => Promise<string>): Promise<Check> {
  try {
    return { check, result: 'ok', finding: await examination() };
  } catch (error) {
    return { check, result: 'failed', finding: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && error.message === 'fetch failed' ? reasonOfFetch(cause) : error.message;
}
