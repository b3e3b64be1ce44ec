import { describe, expect, it } from 'vitest';
import { knownScopes } from '../../../src/core/scopes.ts';
import { butterCall } from '../../support/butter.ts';
import { call } from '../../support/http.ts';
import { onBothDatabases } from '../../support/matrix.ts';
import { createKey, createTenant } from '../../support/tenants.ts';

describe('API keys', () => {
  onBothDatabases((app) => {
    it('are shown once, listed, read, renamed, replaced and deleted', async () => {
      const { key } = await createTenant(app());
      const scopes = ['marketing.read', 'some.scope_of-the.real.api'];
      const created = await call(app(), 'POST', '/v3/api_keys', { key, json: { name: 'Reader', scopes } });
      expect(created.status).toBe(201);
      expect(created.json).toEqual({
        api_key: expect.stringMatching(/^SG\.[\w-]{22}\.[\w-]{43}$/),
        api_key_id: created.json.api_key.split('.')[1],
        name: 'Reader',
        scopes,
      });
      const id = created.json.api_key_id;
      const at = `/v3/api_keys/${id}`;
      const listed = await call(app(), 'GET', '/v3/api_keys', { key });
      expect(listed.json.result).toContainEqual({ name: 'Reader', api_key_id: id });
      expect((await call(app(), 'GET', at, { key })).json).toEqual({
        api_key_id: id,
        name: 'Reader',
        scopes,
      });
      expect((await call(app(), 'PATCH', at, { key, json: { name: 'Renamed' } })).json).toEqual({
        api_key_id: id,
        name: 'Renamed',
      });
      const replaced = await call(app(), 'PUT', at, {
        key,
        json: { name: 'Other', scopes: ['api_keys.read'] },
      });
      expect(replaced.json).toEqual({ api_key_id: id, name: 'Other', scopes: ['api_keys.read'] });
      expect((await call(app(), 'GET', '/v3/scopes', { key: created.json.api_key })).json).toEqual({
        scopes: ['api_keys.read'],
      });
      expect((await call(app(), 'DELETE', at, { key })).status).toBe(204);
      expect((await call(app(), 'GET', '/v3/scopes', { key: created.json.api_key })).status).toBe(401);
      for (const method of ['GET', 'DELETE'])
        expect((await call(app(), method, at, { key })).status).toBe(404);
    });

    it('of full access show every scope that exists', async () => {
      expect((await call(app(), 'GET', '/v3/scopes', { key: app().key })).json).toEqual({
        scopes: knownScopes,
      });
    });

    it('give at most what the caller has, by POST and by PUT', async () => {
      const tenant = await createTenant(app());
      const own = { url: app().url, key: tenant.key };
      const weak = await createKey(own, { scopes: ['api_keys.create', 'api_keys.update', 'marketing.read'] });
      const victimId = (await createKey(own, { scopes: ['marketing.read'] })).split('.')[1];
      const wider = ['marketing.read', 'marketing_campaigns.delete'];

      const grown = await call(app(), 'POST', '/v3/api_keys', {
        key: weak,
        json: { name: 'x', scopes: wider },
      });
      expect(grown.status).toBe(403);
      const put = { key: weak, json: { name: 'x', scopes: wider } };
      expect((await call(app(), 'PUT', `/v3/api_keys/${victimId}`, put)).status).toBe(403);
      const itself = weak.split('.')[1];
      expect((await call(app(), 'PUT', `/v3/api_keys/${itself}`, put)).status).toBe(403);

      const inherited = await call(app(), 'POST', '/v3/api_keys', { key: weak, json: { name: 'same' } });
      expect(inherited.json.scopes).toEqual(['api_keys.create', 'api_keys.update', 'marketing.read']);
      const replaced = await call(app(), 'PUT', `/v3/api_keys/${victimId}`, {
        key: weak,
        json: { name: 'same' },
      });
      expect(replaced.json.scopes).toEqual(['api_keys.create', 'api_keys.update', 'marketing.read']);
    });

    it('inherit full access only from a full key', async () => {
      const tenant = await createTenant(app());
      const full = await createKey({ url: app().url, key: tenant.key });
      const anything = { key: full, json: { name: 'x', scopes: ['anything.at-all'] } };
      expect((await call(app(), 'POST', '/v3/api_keys', anything)).status).toBe(201);
      const listed = await createKey({ url: app().url, key: tenant.key }, { scopes: [...knownScopes] });
      expect((await call(app(), 'POST', '/v3/api_keys', { ...anything, key: listed })).status).toBe(403);
    });

    it('of an impossible id do not exist', async () => {
      for (const id of ['%00', 'a%00b', 'x', '%F0%9F%A7%A9', 'x'.repeat(22)]) {
        for (const [method, json] of [
          ['GET', undefined],
          ['PATCH', { name: 'x' }],
          ['PUT', { name: 'x', scopes: [] }],
          ['DELETE', undefined],
        ] as const) {
          const answer = await call(app(), method, `/v3/api_keys/${id}`, { key: app().key, json });
          expect([answer.status, answer.json.errors[0].message]).toEqual([404, 'unable to find API Key']);
        }
      }
    });

    it('stop at one hundred, on either surface, until one is revoked', async () => {
      const { organizationId, roleKey, sendGridKey } = await app().app.organizations.create();
      const own = { url: app().url, key: sendGridKey.reveal() };
      for (let count = 1; count < 100; count++) await createKey(own);
      const next = await call(app(), 'POST', '/v3/api_keys', { key: own.key, json: { name: 'x' } });
      expect([next.status, next.json.errors[0].message]).toEqual([
        403,
        expect.stringContaining('100 API keys'),
      ]);
      const admin = { url: app().url, roleKey: roleKey.reveal(), organizationId };
      const path = '/api/sendgrid-keys';
      const refused = await butterCall(admin, 'POST', path, { json: { name: 'x' } });
      expect([refused.status, refused.json]).toEqual([
        409,
        { detail: 'The limit of 100 API keys is reached. Revoke one before creating another.' },
      ]);
      await butterCall(admin, 'DELETE', `${path}/${own.key.split('.')[1]}`);
      expect((await butterCall(admin, 'POST', path, { json: { name: 'x' } })).status).toBe(201);
    });

    it.each([
      [{}, 'name must be a string'],
      [{ name: '' }, 'name must be at least 1 character'],
      [{ name: 'x'.repeat(101) }, 'name must be at most 100 characters'],
      [{ name: 'x', scopes: 'all' }, 'scopes must be an array'],
      [{ name: 'x', scopes: ['UPPER'] }, 'scopes must be made of a-z, 0-9, _, . and -'],
      [{ name: 'x', scopes: [1] }, 'scopes must be strings'],
    ])('refuse %j', async (json, message) => {
      const answer = await call(app(), 'POST', '/v3/api_keys', { key: app().key, json });
      expect([answer.status, answer.json]).toEqual([400, { errors: [{ message, field: 'request' }] }]);
    });
  });
});

describe('subusers', () => {
  onBothDatabases((app) => {
    const body = { email: 'someone@example.com', password: 'secret-password', ips: ['192.0.2.1'] };

    it('are created with a user id of their own and listed, filtered and paged', async () => {
      const created = await call(app(), 'POST', '/v3/subusers', {
        key: app().key,
        json: { ...body, username: 'first.subuser', include_region: true },
      });
      expect([created.status, created.json]).toEqual([
        201,
        {
          username: 'first.subuser',
          user_id: expect.any(Number),
          email: body.email,
          credit_allocation: { type: 'unlimited' },
          region: 'global',
        },
      ]);
      await createTenant(app());
      const only = await call(app(), 'GET', '/v3/subusers?username=first.subuser', { key: app().key });
      expect(only.json).toEqual([
        { id: created.json.user_id, username: 'first.subuser', email: body.email, disabled: false },
      ]);
      const page = await call(app(), 'GET', '/v3/subusers?limit=1&offset=1', { key: app().key });
      expect(page.json).toHaveLength(1);
      expect(page.json[0].id).toBeGreaterThan(created.json.user_id);
    });

    it('have a name once', async () => {
      const json = { ...body, username: 'taken' };
      expect((await call(app(), 'POST', '/v3/subusers', { key: app().key, json })).status).toBe(201);
      const again = await call(app(), 'POST', '/v3/subusers', { key: app().key, json });
      expect([again.status, again.json]).toEqual([
        400,
        { errors: [{ message: 'username exists', field: 'username' }] },
      ]);
    });

    it('have no subusers of their own', async () => {
      const { key } = await createTenant(app());
      const answer = await call(app(), 'POST', '/v3/subusers', {
        key,
        json: { ...body, username: 'nested' },
      });
      expect(answer.status).toBe(403);
    });

    it.each([
      [{ username: undefined }, 'username must be a string'],
      [{ username: 'with space' }, 'username must be made of visible ASCII characters'],
      [{ email: 'nobody' }, 'email must be an email address'],
      [{ password: undefined }, 'password must be a string'],
      [{ ips: ['999.1.1.1'] }, 'ips must be IP addresses'],
      [{ region: 'mars' }, 'region must be global or eu'],
    ])('refuse %j', async (change, message) => {
      const json = { ...body, username: 'refused', ...change };
      const answer = await call(app(), 'POST', '/v3/subusers', { key: app().key, json });
      expect([answer.status, answer.json]).toEqual([400, { errors: [{ message, field: 'request' }] }]);
    });

    it.each(['limit=0', 'limit=501', 'limit=x', 'offset=-1', 'username=a%00'])(
      'refuse to list with %s',
      async (query) => {
        expect((await call(app(), 'GET', `/v3/subusers?${query}`, { key: app().key })).status).toBe(400);
      },
    );

    it('are reached by their account id, and have a cap of their own', async () => {
      const tenant = await createTenant(app());
      const headers = { 'on-behalf-of': `account-id ${tenant.userId}` };
      const scopes = await call(app(), 'GET', '/v3/api_keys', { key: app().key, headers });
      expect(scopes.json.result).toHaveLength(1);
    });

    it('of the other region are answered 451', async () => {
      const json = { ...body, username: 'european', region: 'eu' };
      expect((await call(app(), 'POST', '/v3/subusers', { key: app().key, json })).status).toBe(201);
      const answer = await call(app(), 'GET', '/v3/scopes', { key: app().key, onBehalfOf: 'european' });
      expect([answer.status, answer.json.errors[0].message]).toEqual([
        451,
        expect.stringContaining('eu region'),
      ]);
    });
  });
});
