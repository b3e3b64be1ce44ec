/**
 * Sealing: master key → data key of an organization → record. Compact JWE (RFC 7516) throughout.
 * A data key is wrapped A256GCMKW under the master key that its header names; a record is `dir`/A256GCM under the
 * data key. Both headers are authenticated and name what they belong to, so a ciphertext that was moved to another
 * row or another organization does not open.
 */
import { createHmac, createSecretKey, hkdfSync, type KeyObject, randomBytes, webcrypto } from 'node:crypto';
import { CompactEncrypt, type CompactJWEHeaderParameters, compactDecrypt, decodeProtectedHeader } from 'jose';
import { Secret } from '../core/secret.ts';
import type { Keyring } from './keyring.ts';

/** Opened data keys kept at most; unwrapping costs tens of microseconds, a key 32 bytes. */
const openedKeysKept = 10_000;
/** Longest JWE that is opened at all. The largest thing sealed is the stored answer to a bulk delete of 1,000. */
const longestSealed = 4 * 1024 * 1024;

/** What a sealed record belongs to. Sealed under one binding, it opens under no other. */
export interface Binding {
  readonly organizationId: string;
  readonly recordId: string;
}

/** A ciphertext did not open: it was altered, cut, moved, or its master key is not in the keyring. */
export class UnreadableSecretError extends Error {
  constructor(what: string, options?: ErrorOptions) {
    super(`${what} does not open`, options);
    this.name = 'UnreadableSecretError';
  }
}

export class Vault {
  readonly #keyring: Keyring;
  /** By owner and wrapped form: a key that was re-wrapped or replaced is another entry, so none is ever stale. */
  readonly #opened = new Map<string, Promise<DataKey>>();

  constructor(keyring: Keyring) {
    this.#keyring = keyring;
  }

  /** A new data key for an organization, wrapped by the current master key. */
  async createDataKey(organizationId: string): Promise<string> {
    return await this.#wrap(randomBytes(32), organizationId);
  }

  /** Seals text under the organization's data key (given wrapped). */
  async seal(dataKey: string, binding: Binding, secret: Secret): Promise<string> {
    const key = await this.#unwrap(dataKey, binding.organizationId);
    return await new CompactEncrypt(Buffer.from(secret.reveal()))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', org: binding.organizationId, rec: binding.recordId })
      .encrypt(key.seal);
  }

  /** @throws UnreadableSecretError */
  async open(dataKey: string, binding: Binding, sealed: string): Promise<Secret> {
    const key = await this.#unwrap(dataKey, binding.organizationId);
    const what = `the secret of ${binding.recordId}`;
    const { plaintext, protectedHeader } = await decrypt(sealed, key.seal, 'dir', what);
    if (protectedHeader['org'] !== binding.organizationId || protectedHeader['rec'] !== binding.recordId) {
      throw new UnreadableSecretError(what);
    }
    return new Secret(Buffer.from(plaintext).toString());
  }

  /** HMAC-SHA-256 of bytes under the organization's key, in base64url: equal for equal bytes, telling nothing else. */
  async fingerprint(dataKey: string, organizationId: string, bytes: Uint8Array): Promise<string> {
    const key = await this.#unwrap(dataKey, organizationId);
    return createHmac('sha256', key.fingerprint).update(bytes).digest('base64url');
  }

  /** Whether a data key opens with the master keys at hand. @throws UnreadableSecretError */
  async check(dataKey: string, organizationId: string): Promise<void> {
    await this.#unwrap(dataKey, organizationId);
  }

  /** The data key under the current master key; undefined where it is already. @throws UnreadableSecretError */
  async rewrap(dataKey: string, organizationId: string): Promise<string | undefined> {
    if (masterKidOf(dataKey) === this.#keyring.current.kid) return undefined;
    return await this.#wrap(await this.#decryptDataKey(dataKey, organizationId), organizationId);
  }

  async #wrap(key: Uint8Array, organizationId: string): Promise<string> {
    const master = this.#keyring.current;
    return await new CompactEncrypt(key)
      .setProtectedHeader({ alg: 'A256GCMKW', enc: 'A256GCM', kid: master.kid, org: organizationId })
      .encrypt(master.key);
  }

  async #unwrap(wrapped: string, organizationId: string): Promise<DataKey> {
    // the owner is part of the name: a key that was moved to another organization must not open from memory either
    const name = `${organizationId} ${wrapped}`;
    const cached = this.#opened.get(name);
    if (cached !== undefined) return await cached;
    const opening = this.#openDataKey(wrapped, organizationId);
    this.#remember(name, opening);
    return await opening;
  }

  #remember(name: string, opening: Promise<DataKey>): void {
    const oldest = this.#opened.keys().next();
    if (this.#opened.size >= openedKeysKept && oldest.done !== true) this.#opened.delete(oldest.value);
    this.#opened.set(name, opening);
    opening.catch(() => this.#opened.delete(name));
  }

  async #openDataKey(wrapped: string, organizationId: string): Promise<DataKey> {
    return await toDataKey(await this.#decryptDataKey(wrapped, organizationId));
  }

  async #decryptDataKey(wrapped: string, organizationId: string): Promise<Uint8Array> {
    const what = `the data key of ${organizationId}`;
    const { plaintext, protectedHeader } = await decrypt(
      wrapped,
      ({ kid }) => {
        const master = kid === undefined ? undefined : this.#keyring.find(kid);
        if (master === undefined)
          throw new UnreadableSecretError(`${what} (its master key is not configured)`);
        return master.key;
      },
      'A256GCMKW',
      what,
    );
    if (protectedHeader['org'] !== organizationId) throw new UnreadableSecretError(what);
    return plaintext;
  }
}

/** The name of the master key that a data key is wrapped under; undefined where it has not the form of one. */
function masterKidOf(dataKey: string): string | undefined {
  try {
    return decodeProtectedHeader(dataKey).kid;
  } catch {
    return undefined;
  }
}

type Key = webcrypto.CryptoKey | ((header: { readonly kid?: string | undefined }) => Uint8Array);

async function decrypt(jwe: string, key: Key, algorithm: 'dir' | 'A256GCMKW', what: string) {
  if (jwe.length > longestSealed) throw new UnreadableSecretError(what);
  const options = { keyManagementAlgorithms: [algorithm], contentEncryptionAlgorithms: ['A256GCM'] };
  try {
    return typeof key === 'function'
      ? await compactDecrypt(jwe, (header: CompactJWEHeaderParameters) => key(header), options)
      : await compactDecrypt(jwe, key, options);
  } catch (error) {
    if (error instanceof UnreadableSecretError) throw error;
    // jose's errors name what failed and hold no key material, so they may go to the log as the cause
    throw new UnreadableSecretError(what, { cause: error });
  }
}

/** An opened data key: one key for each use, so that none is used for two purposes. */
interface DataKey {
  readonly seal: webcrypto.CryptoKey;
  readonly fingerprint: KeyObject;
}

async function toDataKey(bytes: Uint8Array): Promise<DataKey> {
  const usages: webcrypto.KeyUsage[] = ['encrypt', 'decrypt'];
  const seal = await webcrypto.subtle.importKey('raw', Buffer.from(bytes), 'AES-GCM', false, usages);
  const derived = hkdfSync('sha256', bytes, '', 'jackfield request fingerprint', 32);
  return { seal, fingerprint: createSecretKey(Buffer.from(derived)) };
}
