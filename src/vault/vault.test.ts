import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../core/secret.ts';
import { Keyring } from './keyring.ts';
import { UnreadableSecretError, Vault } from './vault.ts';

const masterKey = (kid: string) => ({ kid, key: randomBytes(32) });
const binding = { organizationId: 'org_a', recordId: 'intg_000000000001' };
const text = 'top secret write key';

describe('the vault', () => {
  const old = masterKey('old');
  const vault = new Vault(new Keyring(old, []));
  let dataKey: string;
  let sealed: string;
  beforeAll(async () => {
    dataKey = await vault.createDataKey('org_a');
    sealed = await vault.seal(dataKey, binding, new Secret(text));
  });

  it('opens what it sealed, also in a process that has not seen the key before', async () => {
    const fresh = new Vault(new Keyring(old, []));
    expect((await fresh.open(dataKey, binding, sealed)).reveal()).toBe(text);
  });

  it('opens with an older master key as long as that is configured', async () => {
    const rotated = new Vault(new Keyring(masterKey('new'), [old]));
    expect((await rotated.open(dataKey, binding, sealed)).reveal()).toBe(text);
    await expect(new Vault(new Keyring(masterKey('new'), [])).check(dataKey, 'org_a')).rejects.toThrow(
      UnreadableSecretError,
    );
    await expect(new Vault(new Keyring(masterKey('old'), [])).check(dataKey, 'org_a')).rejects.toThrow(
      UnreadableSecretError,
    );
  });

  it('never seals the same text alike', async () => {
    expect(await vault.seal(dataKey, binding, new Secret(text))).not.toBe(sealed);
  });

  it('refuses a record that was moved to another row, organization or data key', async () => {
    const otherKey = await vault.createDataKey('org_b');
    const moved = [
      () => vault.open(dataKey, { ...binding, recordId: 'intg_000000000002' }, sealed),
      () => vault.open(otherKey, { ...binding, organizationId: 'org_b' }, sealed),
      () => vault.open(dataKey, { ...binding, organizationId: 'org_b' }, sealed),
      () => vault.open(otherKey, binding, sealed),
      () => vault.check(dataKey, 'org_b'),
    ];
    for (const attempt of moved) await expect(attempt()).rejects.toThrow(UnreadableSecretError);
  });

  it('refuses a record with any character changed, cut off or added', async () => {
    for (let at = 0; at < sealed.length; at++) {
      const other = sealed[at] === 'A' ? 'B' : 'A';
      await expectRefused(vault, dataKey, sealed.slice(0, at) + other + sealed.slice(at + 1), sealed);
      await expectRefused(vault, dataKey, sealed.slice(0, at), sealed);
    }
    await expectRefused(vault, dataKey, `${sealed}AAAA`, sealed);
    await expectRefused(vault, dataKey, `${sealed}.${sealed}`, sealed);
    await expectRefused(vault, dataKey, sealed.repeat(1_000), sealed);
  });

  it('refuses other algorithms, whatever the header says', async () => {
    const header = Buffer.from(JSON.stringify({ alg: 'none', enc: 'A256GCM' })).toString('base64url');
    await expectRefused(vault, dataKey, [header, ...sealed.split('.').slice(1)].join('.'), sealed);
  });

  it('says in an error what did not open, and nothing of what is inside', async () => {
    const error = await vault.open(dataKey, binding, sealed.slice(0, -6)).catch((reason: unknown) => reason);
    expect(inspect(error, { depth: 10 })).toContain(binding.recordId);
    expect(inspect(error, { depth: 10 })).not.toContain(text);
  });
});

/** The last character of base64url may differ without meaning a thing; then the same bytes open. */
async function expectRefused(vault: Vault, dataKey: string, jwe: string, original: string): Promise<void> {
  const attempt = vault.open(dataKey, binding, jwe);
  if (bytesOf(jwe) === bytesOf(original)) await attempt.catch(() => undefined);
  else await expect(attempt).rejects.toThrow(UnreadableSecretError);
}

function bytesOf(jwe: string): string {
  return jwe
    .split('.')
    .map((part) => Buffer.from(part, 'base64url').toString('hex'))
    .join();
}

describe('a secret', () => {
  it('prints, logs and serializes as a mask', () => {
    const secret = new Secret(text);
    const shown = [
      String(secret),
      JSON.stringify({ secret }),
      inspect({ secret }, { depth: 9 }),
      Object.keys(secret).join(),
    ];
    for (const each of shown) expect(each).not.toContain(text);
    expect(shown.slice(0, 3).every((each) => each.includes('[secret]'))).toBe(true);
  });
});
