import { describe, expect, it, vi } from 'vitest';
import { newRoleKey } from '../../../src/core/role-key.ts';
import type { Role } from '../../../src/core/roles.ts';
import {
  type ButterClient,
  butterCall,
  createOrganization,
  createRoleKey,
  createSendGridKey,
} from '../../support/butter.ts';
import { createDatabase } from '../../support/database.ts';
import { call } from '../../support/http.ts';
import { onBothDatabases } from '../../support/matrix.ts';
import { startProcess } from '../../support/process.ts';

const path = '/api/api-keys';
const everyRole: readonly Role[] = ['admin', 'agent_manager', 'user'];
const timestampForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const unknownKey = `bk_live_${'x'.repeat(56)}`;
const aboveOwnRole = 'API keys of a role above your own cannot be created or revoked';
const notFound = { detail: 'API key not found or does not belong to this organization' };

/** @returns the raw key and the key object. */
async function createKey(client: ButterClient, wish: object = {}, key = client.roleKey) {
  const created = await butterCall(client, 'POST', path, {
    key,
    json: { name: 'A key', role: 'user', ...wish },
  });
  if (created.status !== 201) throw new Error(`no key: ${created.status} ${created.text}`);
  return created.json;
}

async function revoke(client: ButterClient, id: string, key = client.roleKey) {
  return await butterCall(client, 'DELETE', `${path}/${id}`, { key });
}

async function statusWith(client: ButterClient, key: string): Promise<number> {
  return (await butterCall(client, 'GET', '/api/integrations', { key })).status;
}

describe('API keys', () => {
  onBothDatabases((app) => {
    it('are shown whole once, by the answer that makes them', async () => {
      const { raw_key, key } = await createKey(app(), { name: 'Reader' });
      expect(raw_key).toMatch(/^bk_live_[A-Za-z0-9]{56}$/);
      expect(key).toEqual({
        key_id: expect.stringMatching(/^apikey_[a-f0-9]{12}$/),
        name: 'Reader',
        role: 'user',
        prefix: raw_key.slice(0, 'bk_live_xxxx'.length),
        client_id: app().organizationId,
        user_id: expect.stringMatching(/^user_[A-Za-z0-9]{1,64}$/),
        status: 'active',
        created_at: expect.stringMatching(timestampForm),
        last_used_at: null,
        expires_at: null,
      });
      expect(await statusWith(app(), raw_key)).toBe(200);
      const listed = await butterCall(app(), 'GET', path);
      expect(Object.keys(listed.json)).toEqual(['success', 'data']);
      expect(listed.json.data).toContainEqual(key);
      expect(listed.text).not.toContain(raw_key);
    });

    it('belong to the person whose key made them', async () => {
      const [first] = (await butterCall(app(), 'GET', path)).json.data.slice(-1);
      const manager = await createKey(app(), { role: 'agent_manager' });
      const made = await createKey(app(), {}, manager.raw_key);
      expect([manager.key.user_id, made.key.user_id]).toEqual([first.user_id, first.user_id]);
    });

    it('are listed newest first, those of the organization only', async () => {
      const second = await createOrganization(app());
      const made = [];
      for (const name of ['one', 'two', 'three']) made.push((await createKey(second, { name })).key.key_id);
      const { data } = (await butterCall(second, 'GET', path)).json;
      const ids = data.map((key: { key_id: string }) => key.key_id);
      expect(ids.slice(0, 3)).toEqual(made.toReversed());
      expect(data[3]).toMatchObject({ name: 'First key', role: 'admin', status: 'active' });
      expect(data).toHaveLength(4);
    });

    it('are refused from the moment their revocation is answered, and stay listed', async () => {
      const { raw_key, key } = await createKey(app());
      const revoked = await revoke(app(), key.key_id);
      expect(revoked.status).toBe(200);
      expect(revoked.json).toEqual({ success: true, message: 'API key revoked successfully' });
      const refused = await butterCall(app(), 'GET', '/api/integrations', { key: raw_key });
      expect([refused.status, refused.json]).toEqual([401, { detail: 'Invalid API key' }]);
      const listed = await butterCall(app(), 'GET', path);
      expect(listed.json.data).toContainEqual({ ...key, status: 'revoked' });
      expect((await revoke(app(), key.key_id)).status).toBe(200);
      expect((await butterCall(app(), 'GET', path)).json.data).toContainEqual({ ...key, status: 'revoked' });
    });

    it('may expire, and are refused from then on like unknown ones', async () => {
      const expiresAt = new Date(Date.now() + 3_000).toISOString();
      const { raw_key, key } = await createKey(app(), { expires_at: expiresAt });
      expect(key.expires_at).toBe(`${expiresAt.slice(0, 19)}Z`);
      expect(await statusWith(app(), raw_key)).toBe(200);
      await vi.waitFor(async () => expect(await statusWith(app(), raw_key)).toBe(401), 10_000);
      expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(expiresAt));
      expect((await butterCall(app(), 'GET', path)).json.data).toContainEqual({
        ...key,
        status: 'active',
      });
    });

    it('take a time of any offset to expire at', async () => {
      const { key } = await createKey(app(), { expires_at: '2999-01-01T01:30:00.250+01:30' });
      expect(key.expires_at).toBe('2999-01-01T00:00:00Z');
    });

    it.each([
      ['name', { name: '' }],
      ['name', { name: 'x'.repeat(101) }],
      ['name', { name: 5 }],
      ['name', { name: undefined }],
      ['role', { role: 'owner' }],
      ['role', { role: undefined }],
      ['expires_at', { expires_at: '2020-01-01T00:00:00Z' }],
      ['expires_at', { expires_at: 'tomorrow' }],
      ['expires_at', { expires_at: 4_102_444_800 }],
    ])('are not made with a wrong %s: %j', async (field, wish) => {
      const json = { name: 'A key', role: 'user', ...wish };
      const refused = await butterCall(app(), 'POST', path, { json });
      expect(refused.status).toBe(422);
      expect(refused.json.detail).toEqual([
        { type: expect.any(String), loc: ['body', field], msg: expect.any(String), input: null },
      ]);
    });

    it('of a user manage no keys', async () => {
      const key = await createRoleKey(app(), 'user');
      const { key_id } = (await createKey(app())).key;
      const json = { name: 'Mine', role: 'user' };
      for (const [method, at, verb] of [
        ['POST', path, 'create'],
        ['GET', path, 'list'],
        ['DELETE', `${path}/${key_id}`, 'revoke'],
        ['DELETE', `${path}/apikey_0123456789ab`, 'revoke'],
      ] as const) {
        const refused = await butterCall(app(), method, at, { key, ...(method === 'POST' && { json }) });
        expect(refused.status).toBe(403);
        expect(refused.json).toEqual({ detail: `Only admins and agent managers can ${verb} API keys` });
      }
    });

    it.each([
      ['admin', everyRole],
      ['agent_manager', ['agent_manager', 'user']],
    ] as const)('of role %s make and revoke keys of these roles only: %j', async (role, allowed) => {
      const key = await createRoleKey(app(), role);
      for (const wished of everyRole) {
        const existing = (await createKey(app(), { role: wished })).key.key_id;
        const json = { name: 'Below', role: wished };
        const created = await butterCall(app(), 'POST', path, { key, json });
        const revoked = await revoke(app(), existing, key);
        if (allowed.some((each) => each === wished)) {
          expect([created.status, revoked.status]).toEqual([201, 200]);
          continue;
        }
        for (const refused of [created, revoked])
          expect([refused.status, refused.json]).toEqual([403, { detail: aboveOwnRole }]);
      }
    });

    it('of another organization are as unknown ones', async () => {
      const second = await createOrganization(app());
      const foreign = await createKey(second);
      for (const id of [foreign.key.key_id, 'apikey_0123456789ab']) {
        const refused = await revoke(app(), id);
        expect([refused.status, refused.json]).toEqual([404, notFound]);
      }
      expect(await statusWith(second, foreign.raw_key)).toBe(200);
      const malformed = await revoke(app(), 'apikey_0123456789AB');
      expect(malformed.status).toBe(422);
      expect(malformed.json.detail[0].loc).toEqual(['path', 'key_id']);
    });

    it('are asked for before the organization, and the organization before the permission', async () => {
      const second = await createOrganization(app());
      const user = await createRoleKey(app(), 'user');
      const ask = async (key: string | null, organizationId: string | null, method = 'GET') => {
        const { status, json } = await butterCall(app(), method, '/api/api-keys', { key, organizationId });
        return [status, status === 422 ? json.detail[0].loc : json.detail];
      };
      expect(await ask(null, null)).toEqual([401, 'API key required']);
      expect(await ask('', app().organizationId)).toEqual([401, 'API key required']);
      for (const wrong of ['bk_live_short', unknownKey, app().roleKey.slice(0, -1) + '!', app().key])
        expect(await ask(wrong, null)).toEqual([401, 'Invalid API key']);
      expect(await ask(lastChanged(app().roleKey), app().organizationId)).toEqual([401, 'Invalid API key']);
      expect(await ask(user, null)).toEqual([422, ['header', 'x-organization-id']]);
      const mismatch = 'API key does not belong to this organization';
      for (const other of [second.organizationId, 'org_nowhere', 'anything'])
        expect(await ask(user, other)).toEqual([403, mismatch]);
      expect(await ask(user, app().organizationId)).toEqual([
        403,
        'Only admins and agent managers can list API keys',
      ]);
    });

    it('of this surface open nothing on the other one', async () => {
      const headers = { authorization: `Bearer ${app().roleKey}` };
      const answer = await butterCall(app(), 'GET', '/v3/scopes', { key: null, headers });
      expect(answer.status).toBe(401);
      const listed = await butterCall(app(), 'GET', '/v3/api_keys', {
        key: null,
        headers: { authorization: `Bearer ${app().key}` },
      });
      expect(JSON.stringify(listed.json.result)).not.toContain('apikey_');
    });
  });

  it('say when they were last used, also after a stop', async () => {
    await using database = await createDatabase('postgres');
    const client = { roleKey: newRoleKey().token, organizationId: 'org_stopped' };
    const environment = {
      ...database.environment,
      JACKFIELD_BOOTSTRAP_API_KEY: client.roleKey,
      JACKFIELD_BOOTSTRAP_ORGANIZATION_ID: client.organizationId,
    };
    await using first = await startProcess(environment);
    const { raw_key, key } = await createKey({ ...client, url: first.url });
    await statusWith({ ...client, url: first.url }, raw_key);
    const other = await createSendGridKey({ ...client, url: first.url });
    expect((await call(first, 'GET', '/v3/scopes', { key: other.raw_key })).status).toBe(200);
    await first.end('SIGTERM');
    await using second = await startProcess(environment);
    const later = { ...client, url: second.url };
    const { data } = (await butterCall(later, 'GET', path)).json;
    const last_used_at = expect.stringMatching(timestampForm);
    expect(data).toContainEqual({ ...key, last_used_at });
    const { data: others } = (await butterCall(later, 'GET', '/api/sendgrid-keys')).json;
    expect(others).toContainEqual({ ...other.key, last_used_at });
  });
});

/** Another key of the same public part. */
function lastChanged(key: string): string {
  return key.slice(0, -1) + (key.endsWith('a') ? 'b' : 'a');
}
