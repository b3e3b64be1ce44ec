/**
 * Master keys by key id (kid). The first is current: it wraps what is new; the others only open what is old.
 * `kid:base64` pairs separated by commas, each key 32 bytes.
 */
import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

const keyBytes = 32;
const kidForm = /^[A-Za-z0-9_-]{1,64}$/;
const base64Form = /^[A-Za-z0-9+/]+={0,2}$/;

export interface MasterKey {
  readonly kid: string;
  readonly key: Uint8Array;
}

export class Keyring {
  readonly current: MasterKey;
  readonly #keys: ReadonlyMap<string, MasterKey>;

  constructor(first: MasterKey, others: readonly MasterKey[]) {
    this.current = first;
    this.#keys = new Map([first, ...others].map((entry) => [entry.kid, entry]));
  }

  find(kid: string): MasterKey | undefined {
    return this.#keys.get(kid);
  }
}

/** @throws Error that says which entry is wrong, by its place, never by its value. */
export function parseKeyring(text: string): Keyring {
  const keys = text.split(',').map((entry, index) => parseEntry(entry.trim(), index));
  if (new Set(keys.map((entry) => entry.kid)).size !== keys.length)
    throw new Error('two keys have the same kid');
  const [first, ...others] = keys;
  if (first === undefined) throw new Error('no key given');
  return new Keyring(first, others);
}

function parseEntry(entry: string, index: number): MasterKey {
  const colon = entry.indexOf(':');
  const [kid, encoded] = [entry.slice(0, colon), entry.slice(colon + 1)];
  if (colon < 0 || !kidForm.test(kid)) {
    throw new Error(`entry ${index + 1} must be kid:base64, the kid of letters, digits, _ and -`);
  }
  const key = base64Form.test(encoded) ? Buffer.from(encoded, 'base64') : Buffer.alloc(0);
  if (key.length !== keyBytes) throw new Error(`entry ${index + 1} must hold ${keyBytes} bytes in base64`);
  return { kid, key };
}

/**
 * The key file of the embedded default, readable by its owner alone, made on the first start.
 * Written whole under another name and then linked into place: a crash leaves either no file or a complete one.
 */
export async function loadOrCreateKeyFile(path: string): Promise<Keyring> {
  const existing = await readIfPresent(path);
  if (existing !== undefined) return parseKeyring(existing.trim());
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`k1:${randomBytes(keyBytes).toString('base64')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(draft, path).catch(ignoreExisting);
  } finally {
    await unlink(draft);
  }
  await syncFolder(dirname(path));
  return parseKeyring((await readFile(path, 'utf8')).trim());
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Somebody else was first: theirs is the key then. */
function ignoreExisting(error: unknown): void {
  if (!hasCode(error, 'EEXIST')) throw error;
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
