/** The database with its keys, for commands that work on it without a server. */

import type { Config } from '../config/config.ts';
import { migrate, openKeyring, openPool } from '../opening.ts';
import { KeyRotationService } from '../services/key-rotation.ts';
import { Storage } from '../storage/storage.ts';
import { createLogger } from '../telemetry/logger.ts';
import { Vault } from '../vault/vault.ts';
import { CommandError, exitCodes } from './exit-codes.ts';

export interface Store extends AsyncDisposable {
  readonly storage: Storage;
  readonly rotation: KeyRotationService;
  /** The kid of the current master key. */
  readonly masterKeyId: string;
}

/** @throws DataFolderInUseError, CommandError unreachable */
export async function openStorage(config: Config): Promise<Storage> {
  const logger = createLogger('silent');
  const storage = new Storage(await openPool({ config, logger, onFatal: rethrow }));
  try {
    await storage.ping();
    return storage;
  } catch (error) {
    await storage[Symbol.asyncDispose]();
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(exitCodes.unreachable, `The database cannot be reached: ${reason}`, {
      cause: error,
    });
  }
}

/** Brought up to date: what works on it was written for this program's schema. */
export async function openStore(config: Config): Promise<Store> {
  const storage = await openStorage(config);
  const close = async () => await storage[Symbol.asyncDispose]();
  try {
    await migrate(config, storage);
    const keyring = await openKeyring(config);
    return {
      storage,
      rotation: new KeyRotationService(storage, new Vault(keyring)),
      masterKeyId: keyring.current.kid,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function rethrow(error: Error): never {
  throw error;
}
