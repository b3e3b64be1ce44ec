/** What a page of another site, or somebody with half of what it takes, cannot do. */
import { describe, expect, it } from 'vitest';
import { cookieOf, sessionCall, signIn } from '../../support/browser-session.ts';
import { butterCall, createOrganization } from '../../support/butter.ts';
import { butterContract } from '../../support/contract.ts';
import { call } from '../../support/http.ts';
import { onBothDatabases } from '../../support/matrix.ts';
import { createIntegration } from '../../support/tenants.ts';

/** Every operation of /api that asks who is calling. */
const operations = [...butterContract.file.operations]
  .filter(([path]) => path !== '/api/openapi.json')
  .flatMap(([template, methods]) => methods.map((method) => [method, pathOf(template)] as const));

/** With ids of the right form: what is refused is not refused for them. */
function pathOf(template: string): string {
  const ids = {
    integration_id: 'intg_0123456789ab',
    phone_number_id: 'phon_0123456789ab',
    key_id: 'apikey_0123456789ab',
    source_id: `src_${'0'.repeat(32)}`,
  };
  return template.replace(/\{(\w+)\}/g, (_, name: string) => new Map(Object.entries(ids)).get(name) ?? 'x');
}

describe('a request with the cookie of a session', () => {
  onBothDatabases((app) => {
    const begin = async () => (await signIn(app(), app().roleKey)).client;

    const foreign: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
      ['from a page of another site', { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }],
      ['from another host of the same domain', { 'sec-fetch-site': 'same-site' }],
      ['that a browser of old sends for another site', { origin: 'https://evil.test', 'sec-fetch-site': '' }],
      ['from a page without an origin', { origin: 'null' }],
      ['from another port of this machine', { origin: 'http://127.0.0.1:1' }],
    ];
    it.each(foreign)('%s is refused on every path and method', async (_, headers) => {
      const client = await begin();
      for (const [method, path] of operations) {
        const { status, json } = await sessionCall(client, method, path, { headers });
        expect([method, path, status, json?.code]).toEqual([method, path, 403, 'cross_site_request']);
      }
      for (const method of ['GET', 'DELETE', 'POST']) {
        const json = method === 'POST' ? { json: { api_key: app().roleKey } } : {};
        const answer = await sessionCall(client, method, '/session', { headers, ...json });
        expect([answer.status, answer.json.code]).toEqual([403, 'cross_site_request']);
        expect(cookieOf(answer)).toBeUndefined();
      }
      expect((await sessionCall(client, 'GET', '/session')).status).toBe(200);
    });

    it('from a page of our own is answered', async () => {
      const client = await begin();
      const headers = { origin: app().url };
      expect((await sessionCall(client, 'GET', '/api/integrations', { headers })).status).toBe(200);
      const json = { name: 'n', role: 'user' };
      expect((await sessionCall(client, 'POST', '/api/api-keys', { headers, json })).status).toBe(201);
    });

    it.each([
      ['no CSRF token', async () => ''],
      ['the CSRF token of another session', async () => (await begin()).csrfToken],
      ['the session’s own token', async (cookie: string) => cookie.split('=')[1] ?? ''],
      ['any text', async () => 'x'.repeat(43)],
    ])('and %s is refused on every path and method', async (_, tokenFor) => {
      const client = await begin();
      const headers = { 'x-csrf-token': await tokenFor(client.cookie) };
      for (const [method, path] of [...operations, ['DELETE', '/session'] as const]) {
        const { status, json } = await sessionCall(client, method, path, { headers });
        expect([method, path, status, json?.code]).toEqual([method, path, 403, 'csrf_token_invalid']);
      }
      expect((await sessionCall(client, 'GET', '/session')).status).toBe(200);
    });

    it('and the id of somebody else’s organization is refused on every path and method', async () => {
      const client = { ...(await begin()), organizationId: (await createOrganization(app())).organizationId };
      for (const [method, path] of operations) {
        const { status, json } = await sessionCall(client, method, path);
        const refused = [403, { detail: 'API key does not belong to this organization' }];
        expect([method, path, status, json]).toEqual([method, path, ...refused]);
      }
    });

    it('and no organization at all is told what is missing', async () => {
      const answer = await sessionCall(
        { ...(await begin()), organizationId: '' },
        'GET',
        '/api/integrations',
      );
      expect([answer.status, answer.json.detail[0].loc]).toEqual([422, ['header', 'x-organization-id']]);
    });

    it('is not looked at for the cookie where a key is sent', async () => {
      const client = await begin();
      const headers = { cookie: client.cookie, origin: 'https://evil.test' };
      expect((await butterCall(app(), 'GET', '/api/integrations', { headers })).status).toBe(200);
      const wrong = await butterCall(app(), 'GET', '/api/integrations', { key: 'bk_live_x', headers });
      expect(wrong.status).toBe(401);
    });

    it('opens nothing on /v3, nor the one surface’s methods on another', async () => {
      const client = await begin();
      for (const path of ['/v3/scopes', '/v3/marketing/integrations', '/v3/api_keys']) {
        expect((await sessionCall(client, 'GET', path)).status).toBe(401);
      }
    });
  });
});

describe('browsers of other sites', () => {
  onBothDatabases((app) => {
    it('are told by /v3 alone that they may read answers', async () => {
      const headers = { origin: 'https://evil.test', 'access-control-request-method': 'GET' };
      for (const path of ['/api/integrations', '/session', '/session/methods', '/']) {
        for (const method of ['OPTIONS', 'GET']) {
          const answer = await call(app(), method, path, { headers });
          expect([path, answer.headers.get('access-control-allow-origin')]).toEqual([path, null]);
        }
      }
      const open = await call(app(), 'GET', '/v3/scopes', { headers, key: app().key });
      expect(open.headers.get('access-control-allow-origin')).toBe('*');
      expect(open.headers.get('access-control-allow-credentials')).toBeNull();
    });

    it('cannot sign anybody in, with a form as little as with a script', async () => {
      const form = { 'content-type': 'text/plain' };
      const body = JSON.stringify({ api_key: app().roleKey });
      const plain = await call(app(), 'POST', '/session', { headers: form, body });
      expect([plain.status, cookieOf(plain)]).toEqual([415, undefined]);
      const headers = { origin: 'https://evil.test' };
      const scripted = await call(app(), 'POST', '/session', { headers, json: { api_key: app().roleKey } });
      expect([scripted.status, cookieOf(scripted)]).toEqual([403, undefined]);
    });
  });
});

describe('a script in a name', () => {
  onBothDatabases((app) => {
    it('comes back as data that no browser runs', async () => {
      const script = '<script>alert(1)</script><img src=x onerror=alert(1)>';
      const id = await createIntegration(app(), app().key);
      const { client } = await signIn(app(), app().roleKey);
      const changed = await sessionCall(client, 'PUT', `/api/integrations/${id}`, { json: { name: script } });
      expect(changed.status).toBe(200);
      for (const path of ['/api/integrations', `/api/integrations/${id}`, `/api/events/${script}`]) {
        const answer = await sessionCall(client, 'GET', path);
        expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
        expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      }
    });
  });
});
