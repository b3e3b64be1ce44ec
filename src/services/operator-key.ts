/** Whether a caller is the operator: by the key of the settings or, without one, by the key that the first start made. */
import { AppError } from '../core/errors.ts';
import { isOperatorKey, newOperatorKey } from '../core/operator-key.ts';
import { Secret } from '../core/secret.ts';
import { hashToken, sameHash } from '../core/sendgrid-key.ts';
import type { Storage } from '../storage/storage.ts';

export class OperatorKeyService {
  readonly #storage: Storage;
  readonly #givenHash: string | undefined;

  constructor(storage: Storage, given: Secret | undefined) {
    this.#storage = storage;
    this.#givenHash = given && hashToken(given.reveal());
  }

  /** Makes a key where none is given and none was made yet. @returns it, this one time. */
  async bootstrap(): Promise<Secret | undefined> {
    if (this.#givenHash !== undefined) return undefined;
    if ((await this.#storage.operatorKeys.findHash()) !== undefined) return undefined;
    const key = newOperatorKey();
    return (await this.#storage.operatorKeys.createFirst(hashToken(key))) ? new Secret(key) : undefined;
  }

  /** @throws AppError credentials_invalid */
  async require(key: string): Promise<void> {
    const expected = this.#givenHash ?? (await this.#storage.operatorKeys.findHash());
    if (expected === undefined || !isOperatorKey(key) || !sameHash(expected, hashToken(key))) {
      throw new AppError({ code: 'credentials_invalid' });
    }
  }
}
