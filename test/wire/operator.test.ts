import { describe, expect, it } from 'vitest';
import { newOperatorKey } from '../../src/core/operator-key.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { butterCall, createTwilio } from '../support/butter.ts';
import { type Answer, type CallOptions, call } from '../support/http.ts';
import { onBothDatabases } from '../support/matrix.ts';
import { createIntegration, createTenant } from '../support/tenants.ts';

const path = '/operator/organizations';

onBothDatabases((app) => {
  const ask = async (method: string, at: string, options: CallOptions = {}): Promise<Answer> =>
    await call(app(), method, at, { key: app().operatorKey, ...options });
  const create = async (json: unknown = {}) => (await ask('POST', path, { json })).json.data;

  describe('creating an organization', () => {
    it('answers its id and keys that work, each on its own surface', async () => {
      const { organization, api_key, sendgrid_api_key, event_source_id } = await create();
      const id = organization.organization_id;
      const listed = await butterCall(app(), 'GET', '/api/event-sources', {
        key: api_key,
        organizationId: id,
      });
      expect(listed.json.data.map((source: any) => source.source_id)).toEqual([event_source_id]);
      expect((await call(app(), 'GET', '/v3/scopes', { key: sendgrid_api_key })).status).toBe(200);
      expect((await ask('GET', `${path}/${id}`)).text).not.toContain(api_key);
    });

    it('takes tier, limit and region, and has defaults for them', async () => {
      const wish = { tier: 'starter', segment_integration_limit: 3, region: 'eu' };
      expect((await create(wish)).organization).toMatchObject(wish);
      const defaults = { tier: 'enterprise', segment_integration_limit: 10, region: 'global' };
      expect((await create()).organization).toMatchObject({ ...defaults, parent_organization_id: null });
    });

    it.each([
      [{ tier: 'gold' }, ['body', 'tier']],
      [{ segment_integration_limit: -1 }, ['body', 'segment_integration_limit']],
      [{ region: 'mars' }, ['body', 'region']],
      [[], ['body']],
    ])('refuses %j, naming the place and not the value', async (json, loc) => {
      const answer = await ask('POST', path, { json });
      expect(answer.status).toBe(422);
      expect(answer.json.detail).toMatchObject([{ loc, input: null }]);
      expect(answer.text).not.toContain('mars');
    });
  });

  describe('the list', () => {
    it('counts integrations and the keys that are valid', async () => {
      const { organization, api_key, sendgrid_api_key } = await create();
      const client = { url: app().url, roleKey: api_key, organizationId: organization.organization_id };
      await createTwilio(client);
      await createIntegration(app(), sendgrid_api_key);
      const made = await butterCall(client, 'POST', '/api/api-keys', { json: { name: 'x', role: 'user' } });
      await butterCall(client, 'DELETE', `/api/api-keys/${made.json.key.key_id}`);
      const { data } = (await ask('GET', `${path}?limit=1`)).json;
      expect(data).toMatchObject([
        { organization_id: organization.organization_id, integrations: 2, api_keys: 2 },
      ]);
    });

    it('comes in pages, newest first, each organization once', async () => {
      const made = [await create(), await create(), await create()].map(
        (each) => each.organization.organization_id,
      );
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const query: string = cursor === null ? '' : `&cursor=${cursor}`;
        const { json } = await ask('GET', `${path}?limit=2${query}`);
        seen.push(...json.data.map((each: any) => each.organization_id));
        cursor = json.pagination.next_cursor;
      } while (cursor !== null);
      expect(seen.slice(0, 3)).toEqual(made.toReversed());
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen).toContain(app().organizationId);
    });

    it('refuses a cursor that it has not made', async () => {
      const other = Buffer.from('["audit",1]').toString('base64url');
      expect((await ask('GET', `${path}?cursor=${other}`)).status).toBe(400);
    });

    it('names the parent of a subuser', async () => {
      await createTenant(app());
      const { data } = (await ask('GET', `${path}?limit=1`)).json;
      expect(data[0].parent_organization_id).toBe(app().organizationId);
    });
  });

  describe('changing an organization', () => {
    it('sets a limit that is in force at once, and says who did it', async () => {
      const { organization, api_key, sendgrid_api_key } = await create({ segment_integration_limit: 1 });
      const id = organization.organization_id;
      await createIntegration(app(), sendgrid_api_key);
      await expect(createIntegration(app(), sendgrid_api_key)).rejects.toThrow('403');
      const json = { segment_integration_limit: 2, tier: 'pro' };
      const changed = await ask('PUT', `${path}/${id}`, { json, headers: { 'x-request-id': 'operator-1' } });
      expect(changed.json.data).toMatchObject({ ...json, region: 'global' });
      await createIntegration(app(), sendgrid_api_key);

      const log = await butterCall(app(), 'GET', '/api/audit-log?action=organization.updated', {
        key: api_key,
        organizationId: id,
      });
      expect(log.json.data).toMatchObject([
        {
          actor: { type: 'system', id: 'operator' },
          request_id: 'operator-1',
          target: { type: 'organization', id },
          details: { segment_integration_limit: { from: 1, to: 2 }, tier: { from: 'enterprise', to: 'pro' } },
        },
      ]);
    });

    it('writes nothing where nothing changes', async () => {
      const { organization, api_key } = await create({ tier: 'pro' });
      const id = organization.organization_id;
      expect((await ask('PUT', `${path}/${id}`, { json: { tier: 'pro' } })).status).toBe(200);
      const log = await butterCall(app(), 'GET', '/api/audit-log', { key: api_key, organizationId: id });
      expect(log.json.data.map((each: any) => each.action)).toEqual(['organization.created']);
    });

    it('moves an organization to another region with its subusers, and no subuser alone', async () => {
      const { organization, sendgrid_api_key } = await create();
      const tenant = await createTenant({ url: app().url, key: sendgrid_api_key });
      const [subuser] = (await ask('GET', `${path}?limit=1`)).json.data;
      const refused = await ask('PUT', `${path}/${subuser.organization_id}`, { json: { region: 'eu' } });
      expect(refused.json.detail).toMatchObject([{ loc: ['body', 'region'] }]);
      await ask('PUT', `${path}/${organization.organization_id}`, { json: { region: 'eu' } });
      expect((await call(app(), 'GET', '/v3/scopes', { key: sendgrid_api_key })).status).toBe(451);
      expect((await call(app(), 'GET', '/v3/scopes', { key: tenant.key })).status).toBe(451);
    });
  });

  describe('a new first key', () => {
    it.each(['role', 'sendgrid'])(
      'of style %s works beside those that exist, and is in the audit log',
      async (style) => {
        const { organization, api_key } = await create();
        const id = organization.organization_id;
        const { status, json } = await ask('POST', `${path}/${id}/keys`, { json: { style } });
        expect(status).toBe(201);
        const answer =
          style === 'role'
            ? await butterCall(app(), 'GET', '/api/api-keys', { key: json.data.raw_key, organizationId: id })
            : await call(app(), 'GET', '/v3/scopes', { key: json.data.raw_key });
        expect(answer.status).toBe(200);
        const log = await butterCall(app(), 'GET', '/api/audit-log?action=api_key.created', {
          key: api_key,
          organizationId: id,
        });
        expect(log.json.data).toMatchObject([
          { actor: { id: 'operator' }, target: { id: json.data.key_id } },
        ]);
        expect(log.text).not.toContain(json.data.raw_key.slice(26));
      },
    );
  });

  it.each(['GET', 'PUT'])('%s answers 404 for an organization that does not exist', async (method) => {
    const options = method === 'PUT' ? { json: { tier: 'pro' } } : {};
    for (const id of ['org_nobody', 'x', '%00']) {
      expect((await ask(method, `${path}/${id}`, options)).status).toBe(404);
    }
    expect((await ask('POST', `${path}/org_nobody/keys`, { json: {} })).status).toBe(404);
  });

  describe('the operator key', () => {
    it('is needed: without one, with another one, and with a key of a customer it is 401', async () => {
      for (const key of [undefined, newOperatorKey(), app().key, app().roleKey, `${app().operatorKey}x`]) {
        const answer = await call(app(), 'GET', path, { key });
        expect(answer.status).toBe(401);
        expect(answer.text).not.toContain(app().organizationId);
      }
      const headers = { 'x-api-key': app().roleKey, 'x-organization-id': app().organizationId };
      expect((await call(app(), 'GET', path, { headers })).status).toBe(401);
    });

    it('opens neither /api nor /v3', async () => {
      const { operatorKey: key } = app();
      expect((await call(app(), 'GET', '/v3/scopes', { key })).status).toBe(401);
      expect((await butterCall(app(), 'GET', '/api/integrations', { key })).status).toBe(401);
      const headers = { 'x-organization-id': app().organizationId };
      expect((await call(app(), 'GET', '/api/api-keys', { key, headers })).status).toBe(401);
    });

    it('is in no log line, and answers may not be stored on their way', async () => {
      const answer = await ask('GET', path);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(app().logLines.join('')).not.toContain(app().operatorKey);
    });
  });
});

it('slows down who presents wrong keys, and nobody else with the right one', async () => {
  await using app: TestApp = await startApp('embedded');
  const attempts = Array.from(
    { length: 40 },
    async () => await call(app, 'GET', path, { key: newOperatorKey() }),
  );
  const statuses = new Set((await Promise.all(attempts)).map(({ status }) => status));
  expect(statuses).toEqual(new Set([401, 429]));
  expect((await call(app, 'GET', path, { key: app.operatorKey })).status).toBe(200);
});
