import { describe, expect, it } from 'vitest';
import { cookieOf, sessionCall, signIn } from '../../support/browser-session.ts';
import { createOrganization, createRoleKey } from '../../support/butter.ts';
import { call } from '../../support/http.ts';
import { onBothDatabases } from '../../support/matrix.ts';

describe('a session', () => {
  onBothDatabases((app) => {
    it('begins with an API key, and opens what the key opens', async () => {
      const { answer, client } = await signIn(app(), app().roleKey);
      expect(answer.json.data).toMatchObject({
        sign_in: 'api_key',
        user: { name: 'First key' },
        organizations: [{ organization_id: app().organizationId, name: null, role: 'admin' }],
      });
      expect(answer.headers.getSetCookie()).toEqual([
        expect.stringMatching(
          /^jackfield_session=[\w-]{43}; Path=\/; Max-Age=(4319\d|43200); HttpOnly; SameSite=Strict$/,
        ),
      ]);
      const found = await sessionCall(client, 'GET', '/session');
      expect(found.json.data).toEqual(answer.json.data);
      expect((await sessionCall(client, 'GET', '/api/integrations')).status).toBe(200);
      const json = { name: 'By session', role: 'user' };
      expect((await sessionCall(client, 'POST', '/api/api-keys', { json })).status).toBe(201);
    });

    it('does not begin with anything else', async () => {
      const wrong = [{ api_key: `${app().roleKey.slice(0, -1)}_` }, { api_key: app().key }, { api_key: '' }];
      for (const json of wrong) {
        const answer = await call(app(), 'POST', '/session', { json });
        expect([answer.status, answer.json.code, cookieOf(answer)]).toEqual([
          401,
          'credentials_invalid',
          undefined,
        ]);
      }
      expect((await call(app(), 'POST', '/session', { json: {} })).status).toBe(422);
      expect((await call(app(), 'POST', '/session', { body: '{"api_key":"x"}' })).status).toBe(415);
    });

    it('ends with the sign-out, and its cookie goes', async () => {
      const { client } = await signIn(app(), app().roleKey);
      const out = await sessionCall(client, 'DELETE', '/session');
      expect([out.status, out.text]).toEqual([204, '']);
      expect(out.headers.getSetCookie()).toEqual([
        'jackfield_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict',
      ]);
      for (const path of ['/session', '/api/integrations']) {
        const answer = await sessionCall(client, 'GET', path);
        expect([answer.status, answer.json.code]).toEqual([401, 'session_expired']);
      }
    });

    it('opens another organization once its key is added', async () => {
      const second = await createOrganization(app());
      const { client } = await signIn(app(), app().roleKey);
      const { answer, client: both } = await signIn(app(), second.roleKey, {
        cookie: client.cookie,
        'x-csrf-token': client.csrfToken,
      });
      const ids = answer.json.data.organizations.map((each: any) => each.organization_id);
      expect(ids).toEqual([app().organizationId, second.organizationId].toSorted());
      for (const organizationId of ids) {
        const inOne = { ...both, organizationId };
        expect((await sessionCall(inOne, 'GET', '/api/integrations')).status).toBe(200);
      }
      // the token before is good no more
      expect((await sessionCall(client, 'GET', '/session')).status).toBe(401);
    });

    it('may do what its role may do', async () => {
      const { client } = await signIn(app(), await createRoleKey(app(), 'user'));
      expect((await sessionCall(client, 'GET', '/api/integrations')).status).toBe(200);
      expect((await sessionCall(client, 'GET', '/api/audit-log')).status).toBe(403);
      expect((await sessionCall(client, 'GET', '/api/api-keys')).status).toBe(403);
    });
  });
});
