/** Keys of the other surface, managed on this one. */
import { describe, expect, it } from 'vitest';
import { knownScopes } from '../../../src/core/scopes.ts';
import { hashToken } from '../../../src/core/sendgrid-key.ts';
import type { TestApp } from '../../support/app.ts';
import {
  type ButterClient,
  butterCall,
  createOrganization,
  createRoleKey,
  createSendGridKey,
} from '../../support/butter.ts';
import { butterContract } from '../../support/contract.ts';
import { call } from '../../support/http.ts';
import { onBothDatabases } from '../../support/matrix.ts';

const path = '/api/sendgrid-keys';
const timestampForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const notFound = { detail: 'API key not found or does not belong to this organization' };
const unknownId = 'x'.repeat(22);

async function list(client: ButterClient) {
  return (await butterCall(client, 'GET', path)).json.data;
}

async function revoke(client: ButterClient, id: string, key = client.roleKey) {
  return await butterCall(client, 'DELETE', `${path}/${id}`, { key });
}

async function scopesOf(app: TestApp, key: string): Promise<readonly string[]> {
  const { status, json } = await call(app, 'GET', '/v3/scopes', { key });
  return status === 200 ? json.scopes : [String(status)];
}

describe('keys for the SendGrid surface', () => {
  onBothDatabases((app) => {
    it('are shown whole once, and open what their scopes name and nothing else', async () => {
      const scopes = ['marketing.read', 'api_keys.read'];
      const { raw_key, key } = await createSendGridKey(app(), { name: 'Reader', scopes });
      expect(raw_key).toMatch(/^SG\.[\w-]{22}\.[\w-]{43}$/);
      expect(key).toEqual({
        api_key_id: raw_key.split('.')[1],
        name: 'Reader',
        full_access: false,
        scopes,
        created_at: expect.stringMatching(timestampForm),
        last_used_at: null,
      });
      const listed = await butterCall(app(), 'GET', path);
      expect(Object.keys(listed.json)).toEqual(['success', 'data']);
      expect(listed.json.data[0]).toEqual(key);
      expect(listed.text).not.toContain(raw_key.slice(26));

      expect(await scopesOf(app(), raw_key)).toEqual(scopes);
      const asked = ['/v3/marketing/integrations', '/v3/api_keys', '/v3/subusers'].map(
        async (at) => (await call(app(), 'GET', at, { key: raw_key })).status,
      );
      expect(await Promise.all(asked)).toEqual([200, 200, 403]);
      expect((await butterCall(app(), 'GET', path, { key: raw_key })).status).toBe(401);
    });

    it('are refused from the moment their revocation is answered, and are gone', async () => {
      const { raw_key, key } = await createSendGridKey(app());
      const revoked = await revoke(app(), key.api_key_id);
      expect([revoked.status, revoked.json]).toEqual([
        200,
        { success: true, message: 'API key revoked successfully' },
      ]);
      expect(await scopesOf(app(), raw_key)).toEqual(['401']);
      expect(await list(app())).not.toContainEqual(expect.objectContaining({ name: key.name }));
      const again = await revoke(app(), key.api_key_id);
      expect([again.status, again.json]).toEqual([404, notFound]);
    });

    it('have full access where an admin names no scopes', async () => {
      const made = await createSendGridKey(app());
      expect(made.key).toMatchObject({ full_access: true, scopes: knownScopes });
      expect(await scopesOf(app(), made.raw_key)).toEqual(knownScopes);
      // what only full access can do: give a scope that nobody here knows
      const json = { name: 'Beyond', scopes: ['mail.send'] };
      const beyond = await call(app(), 'POST', '/v3/api_keys', { key: made.raw_key, json });
      expect(beyond.status).toBe(201);
    });

    it('reach no subusers and no keys where an agent manager makes them, who handles no others', async () => {
      const manager = await createRoleKey(app(), 'agent_manager');
      const own = ['marketing.read', ...knownScopes.filter((scope) => scope.startsWith('marketing_'))];
      const made = await createSendGridKey(app(), {}, { key: manager });
      expect(made.key).toMatchObject({ full_access: false, scopes: own });
      const { key: full } = await createSendGridKey(app());
      const { key: foreign } = await createSendGridKey(app(), { scopes: ['mail.send'] });
      const json = (scope: string) => ({ name: 'Above', scopes: ['marketing.read', scope] });
      const above = await Promise.all([
        ...['subusers.read', 'api_keys.create', 'mail.send'].map(
          async (scope) => await butterCall(app(), 'POST', path, { key: manager, json: json(scope) }),
        ),
        ...[full, foreign].map(async (key) => await revoke(app(), key.api_key_id, manager)),
      ]);
      expect(above.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
      expect((await list(app())).map(({ name }: { readonly name: string }) => name)).not.toContain('Above');
      expect((await revoke(app(), made.key.api_key_id, manager)).status).toBe(200);
    });

    it('keep scopes that are unknown here, each once, and show them', async () => {
      const { raw_key, key } = await createSendGridKey(app(), { scopes: ['mail.send', 'mail.send'] });
      expect(key).toMatchObject({ full_access: false, scopes: ['mail.send'] });
      expect((await call(app(), 'GET', '/v3/api_keys', { key: raw_key })).status).toBe(403);
      const none = await createSendGridKey(app(), { scopes: [] });
      expect(await scopesOf(app(), none.raw_key)).toEqual([]);
    });

    it('are those of /v3: newest first here, oldest first there, changed and revoked on either', async () => {
      const { organizationId, roleKey, sendGridKey } = await app().app.organizations.create();
      const own = { url: app().url, roleKey: roleKey.reveal(), organizationId };
      const key = sendGridKey.reveal();
      const json = { name: 'There' };
      const there = (await call(app(), 'POST', '/v3/api_keys', { key, json })).json;
      const here = (await createSendGridKey(own, { name: 'Here', scopes: ['marketing.read'] })).key;
      const names = (await list(own)).map(({ name }: { readonly name: string }) => name);
      expect(names).toEqual(['Here', 'There', 'First key']);
      const listed = (await call(app(), 'GET', '/v3/api_keys', { key })).json.result;
      expect(listed.map(({ name }: { readonly name: string }) => name)).toEqual(names.toReversed());

      const renaming = { key, json: { name: 'Renamed' } };
      await call(app(), 'PATCH', `/v3/api_keys/${here.api_key_id}`, renaming);
      expect(await list(own)).toContainEqual({ ...here, name: 'Renamed' });
      expect((await revoke(own, there.api_key_id)).status).toBe(200);
      expect(await scopesOf(app(), there.api_key)).toEqual(['401']);
      expect((await call(app(), 'DELETE', `/v3/api_keys/${here.api_key_id}`, { key })).status).toBe(204);
      expect(await list(own)).toHaveLength(1);
      // even the last one: another can be made here
      expect((await revoke(own, key.split('.')[1] ?? '')).status).toBe(200);
      expect(await list(own)).toEqual([]);
    });

    it('are recorded as those of /v3 are, without their secret or its hash', async () => {
      const own = await createOrganization(app());
      const { raw_key, key } = await createSendGridKey(own, { name: 'Recorded', scopes: ['marketing.read'] });
      await revoke(own, key.api_key_id);
      const { json, text } = await butterCall(own, 'GET', `/api/audit-log?target_id=${key.api_key_id}`);
      const [actor] = (await butterCall(own, 'GET', '/api/api-keys')).json.data;
      const entry = {
        actor: { type: 'api_key', id: actor.key_id, client_id: own.organizationId },
        target: { type: 'api_key', id: key.api_key_id },
        details: { name: 'Recorded', full_access: false, scopes: ['marketing.read'] },
      };
      expect(json.data).toMatchObject([
        { ...entry, action: 'api_key.deleted' },
        { ...entry, action: 'api_key.created' },
      ]);
      const written = [text, ...app().logLines].join('\n');
      for (const secret of [raw_key.slice(26), hashToken(raw_key)]) expect(written).not.toContain(secret);
    });

    it('are managed by admins and agent managers only', async () => {
      const user = await createRoleKey(app(), 'user');
      const { raw_key, key } = await createSendGridKey(app());
      const before = await list(app());
      for (const [method, at, verb] of [
        ['POST', path, 'create'],
        ['GET', path, 'list'],
        ['DELETE', `${path}/${key.api_key_id}`, 'revoke'],
        ['DELETE', `${path}/${unknownId}`, 'revoke'],
        ['DELETE', `${path}/malformed`, 'revoke'],
      ] as const) {
        const json = method === 'POST' ? { json: { name: 'Mine' } } : {};
        const refused = await butterCall(app(), method, at, { key: user, ...json });
        expect([refused.status, refused.json]).toEqual([
          403,
          { detail: `Only admins and agent managers can ${verb} API keys` },
        ]);
      }
      expect(await list(app())).toEqual(before);
      expect(await scopesOf(app(), raw_key)).toEqual(knownScopes);
    });

    it('of another organization are as unknown ones', async () => {
      const stranger = await createOrganization(app());
      const { raw_key, key } = await createSendGridKey(stranger, { name: 'Foreign' });
      for (const id of [key.api_key_id, unknownId]) {
        const refused = await revoke(app(), id);
        expect([refused.status, refused.json]).toEqual([404, notFound]);
      }
      expect(await list(app())).not.toContainEqual(expect.objectContaining({ name: 'Foreign' }));
      expect(await scopesOf(app(), raw_key)).toEqual(knownScopes);
      const mismatch = await butterCall(stranger, 'GET', path, { key: app().roleKey });
      expect(mismatch.status).toBe(403);
      // neither kind of id leads to a key of the other kind
      for (const at of [`${path}/apikey_0123456789ab`, `/api/api-keys/${key.api_key_id}`]) {
        const malformed = await butterCall(stranger, 'DELETE', at);
        expect([malformed.status, malformed.json.detail[0].loc[0]]).toEqual([422, 'path']);
      }
    });

    it.each([
      [['name'], { name: undefined }, 'Field required'],
      [['name'], { name: '' }, 'String should have at least 1 character'],
      [['name'], { name: 'x'.repeat(101) }, 'String should have at most 100 characters'],
      [['scopes'], { scopes: 'marketing.read' }, 'Input should be a valid list'],
      [['scopes'], { scopes: null }, 'Input should be a valid list'],
      [['scopes', 1], { scopes: ['marketing.read', 5] }, 'Input should be a valid string'],
      [
        ['scopes', 0],
        { scopes: ['Marketing Read'] },
        'Input should be 1 to 100 of the characters a to z, 0 to 9, _, . and -',
      ],
      [
        ['scopes'],
        { scopes: Array.from({ length: 1_001 }, () => 'a') },
        'List should have at most 1000 items',
      ],
    ])('are not made with a wrong %j', async (place, wish, msg) => {
      const before = await list(app());
      const refused = await butterCall(app(), 'POST', path, { json: { name: 'A key', ...wish } });
      expect(refused.status).toBe(422);
      expect(refused.json.detail).toEqual([
        { type: expect.any(String), loc: ['body', ...place], msg, input: null },
      ]);
      expect(await list(app())).toEqual(before);
    });
  });

  it('are declared with every scope that operations ask for', () => {
    const schemas = Reflect.get(Object(butterContract.file.document), 'components').schemas;
    expect(schemas.KnownSendGridScope.enum).toEqual(knownScopes);
  });
});
