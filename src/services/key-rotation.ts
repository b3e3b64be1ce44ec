/**
 * Wraps every organization's data key under the current master key. Each slice is committed by itself and the header
 * of a wrapped key names its master key: whatever ends a rotation, the next one goes on where it was. Records stay as
 * they are, and servers that have both master keys serve throughout: they read the wrapped key with each request.
 */
import type { DataKeyReplacement } from '../storage/organization-store.ts';
import type { Storage } from '../storage/storage.ts';
import type { Vault } from '../vault/vault.ts';

/** Few enough that organizations are held for milliseconds. */
const sliceSize = 100;

export interface Rotation {
  readonly organizations: number;
  /** Wrapped anew now. */
  readonly rewrapped: number;
}

export interface RotationOptions {
  readonly signal: AbortSignal;
  readonly onSlice: (organizations: number, rewrapped: number) => void;
}

export class KeyRotationService {
  readonly #storage: Storage;
  readonly #vault: Vault;

  constructor(storage: Storage, vault: Vault) {
    this.#storage = storage;
    this.#vault = vault;
  }

  async count(): Promise<number> {
    return await this.#storage.tenants.count();
  }

  /** @throws UnreadableSecretError where a data key opens with none of the master keys; the signal's reason. */
  async rotate({ signal, onSlice }: RotationOptions): Promise<Rotation> {
    let after = 0;
    let organizations = 0;
    let rewrapped = 0;
    for (;;) {
      signal.throwIfAborted();
      const slice = await this.#storage.organizations.dataKeys(after, sliceSize);
      const last = slice.at(-1);
      if (last === undefined) return { organizations, rewrapped };
      const wrapped = await Promise.all(
        slice.map(async (each) => ({
          ...each,
          replacement: await this.#vault.rewrap(each.dataKey, each.id),
        })),
      );
      const changed = wrapped.flatMap(({ replacement, ...each }) =>
        replacement === undefined ? [] : [{ ...each, replacement }],
      );
      const done = changed.length === 0 ? 0 : await this.#replace(changed);
      after = last.userId;
      organizations += slice.length;
      rewrapped += done;
      onSlice(slice.length, rewrapped);
    }
  }

  /** In a transaction only because that is repeated where it loses a race for the rows. */
  async #replace(changed: readonly DataKeyReplacement[]): Promise<number> {
    return await this.#storage.transaction(
      async ({ organizations }) => await organizations.replaceDataKeys(changed),
    );
  }

  /** Whether every data key opens. @throws UnreadableSecretError that names the first one that does not. */
  async checkAll(): Promise<number> {
    let after = 0;
    let checked = 0;
    for (;;) {
      const slice = await this.#storage.organizations.dataKeys(after, sliceSize);
      const last = slice.at(-1);
      if (last === undefined) return checked;
      await Promise.all(slice.map(async ({ dataKey, id }) => await this.#vault.check(dataKey, id)));
      after = last.userId;
      checked += slice.length;
    }
  }
}
