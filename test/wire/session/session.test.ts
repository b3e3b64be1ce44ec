import { describe, expect, it, vi } from 'vitest';
import { hashToken } from '../../../src/core/sendgrid-key.ts';
import { startApp } from '../../support/app.ts';
import { cookieOf, type SessionClient, sessionCall, signIn } from '../../support/browser-session.ts';
import { butterCall, createOrganization, createRoleKey } from '../../support/butter.ts';
import { call } from '../../support/http.ts';
import { onBothDatabases } from '../../support/matrix.ts';
import { startProcess } from '../../support/process.ts';
import { query } from '../../support/sql.ts';

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
      // whose key came last is named, also where it was open before
      expect(answer.json.data.last_organization_id).toBe(second.organizationId);
      const { answer: again, client: third } = await signIn(app(), app().roleKey, {
        cookie: both.cookie,
        'x-csrf-token': both.csrfToken,
      });
      expect(again.json.data.organizations).toHaveLength(2);
      const found = await sessionCall(third, 'GET', '/session');
      for (const { json } of [again, found])
        expect(json.data.last_organization_id).toBe(app().organizationId);
      // the token before is good no more
      expect((await sessionCall(client, 'GET', '/session')).status).toBe(401);
    });

    it('may do what its role may do', async () => {
      const { client } = await signIn(app(), await createRoleKey(app(), 'user'));
      expect((await sessionCall(client, 'GET', '/api/integrations')).status).toBe(200);
      expect((await sessionCall(client, 'GET', '/api/audit-log')).status).toBe(403);
      expect((await sessionCall(client, 'GET', '/api/api-keys')).status).toBe(403);
    });

    it('takes the place of the one before, without what that opened, where the CSRF token is not sent', async () => {
      const second = await createOrganization(app());
      const { client } = await signIn(app(), app().roleKey);
      const { answer } = await signIn(app(), second.roleKey, { cookie: client.cookie });
      expect(answer.json.data.organizations).toHaveLength(1);
      expect((await sessionCall(client, 'GET', '/session')).status).toBe(401);
      const wrong = { cookie: cookieOf(answer) ?? '', 'x-csrf-token': client.csrfToken };
      const refused = await call(app(), 'POST', '/session', {
        headers: wrong,
        json: { api_key: app().roleKey },
      });
      expect([refused.status, refused.json.code]).toEqual([403, 'csrf_token_invalid']);
    });

    it('always has a new token: one that somebody else has put there opens nothing', async () => {
      const planted = `jackfield_session=${'A'.repeat(43)}`;
      const { client } = await signIn(app(), app().roleKey, { cookie: planted });
      expect(client.cookie).not.toBe(planted);
      expect((await sessionCall({ ...client, cookie: planted }, 'GET', '/session')).status).toBe(401);
      const { client: again } = await signIn(app(), app().roleKey, {
        cookie: client.cookie,
        'x-csrf-token': client.csrfToken,
      });
      expect(again.cookie).not.toBe(client.cookie);
      expect((await sessionCall(client, 'GET', '/session')).status).toBe(401);
      expect((await sessionCall(again, 'GET', '/session')).status).toBe(200);
    });

    it('ends with its key: revoked, or expired', async () => {
      const first = await createRoleKey(app(), 'admin');
      const { client } = await signIn(app(), first);
      const { data: keys } = (await butterCall(app(), 'GET', '/api/api-keys')).json;
      const own = keys.find((each: any) => first.startsWith(each.prefix));
      expect((await butterCall(app(), 'DELETE', `/api/api-keys/${own.key_id}`)).status).toBe(200);

      const json = { name: 'short', role: 'user', expires_at: new Date(Date.now() + 3_000).toISOString() };
      const { raw_key: second } = (await butterCall(app(), 'POST', '/api/api-keys', { json })).json;
      const { client: short } = await signIn(app(), second);
      expect((await sessionCall(short, 'GET', '/api/integrations')).status).toBe(200);
      for (const ended of [client, short]) {
        await vi.waitFor(
          async () => {
            for (const path of ['/session', '/api/integrations']) {
              const answer = await sessionCall(ended, 'GET', path);
              expect([answer.status, answer.json.code]).toEqual([401, 'session_expired']);
            }
          },
          { timeout: 15_000, interval: 100 },
        );
      }
    });

    it('of two keys goes on with the one when the other is revoked', async () => {
      const second = await createOrganization(app());
      const key = await createRoleKey(second, 'admin');
      const { client } = await signIn(app(), app().roleKey);
      const headers = { cookie: client.cookie, 'x-csrf-token': client.csrfToken };
      const { client: both } = await signIn(app(), key, headers);
      const { data: keys } = (await butterCall(second, 'GET', '/api/api-keys')).json;
      const own = keys.find((each: any) => key.startsWith(each.prefix));
      expect((await butterCall(second, 'DELETE', `/api/api-keys/${own.key_id}`)).status).toBe(200);

      const gone = { ...both, organizationId: second.organizationId };
      expect((await sessionCall(gone, 'GET', '/api/integrations')).status).toBe(403);
      const left = { ...both, organizationId: app().organizationId };
      expect((await sessionCall(left, 'GET', '/api/integrations')).status).toBe(200);
      const { organizations } = (await sessionCall(both, 'GET', '/session')).json.data;
      expect(organizations.map((each: any) => each.organization_id)).toEqual([app().organizationId]);
    });

    it('ends at its time, however much it is used', async () => {
      // twelve hours ago but for two seconds
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 12 * 60 * 60 * 1_000 + 2_000 });
      const { client } = await signIn(app(), app().roleKey).finally(() => vi.useRealTimers());
      await vi.waitFor(
        async () => expect((await sessionCall(client, 'GET', '/api/integrations')).status).toBe(401),
        { timeout: 15_000, interval: 50 },
      );
      expect((await sessionCall(client, 'GET', '/session')).status).toBe(401);
    });

    it('does what it does in the name of its key', async () => {
      const key = await createRoleKey(app(), 'admin');
      const { client } = await signIn(app(), key);
      const json = { name: 'Heir', role: 'user' };
      expect((await sessionCall(client, 'POST', '/api/api-keys', { json })).status).toBe(201);
      const { data: keys } = (await butterCall(app(), 'GET', '/api/api-keys')).json;
      const own = keys.find((each: any) => key.startsWith(each.prefix));
      const [entry] = (await butterCall(app(), 'GET', '/api/audit-log')).json.data;
      expect([entry.action, entry.actor.type, entry.actor.id]).toEqual([
        'api_key.created',
        'api_key',
        own.key_id,
      ]);
    });

    it('repeats a write under an idempotency key as its key does', async () => {
      const { client } = await signIn(app(), app().roleKey);
      const request = { headers: { 'idempotency-key': 'by-session' }, json: { name: 'Once', role: 'user' } };
      const first = await sessionCall(client, 'POST', '/api/api-keys', request);
      const repeated = await butterCall(app(), 'POST', '/api/api-keys', request);
      expect([repeated.status, repeated.text]).toEqual([201, first.text]);
    });
  });
});

describe('the limit of requests', () => {
  onBothDatabases(
    (app) => {
      it('is that of the key, however many sessions it has', async () => {
        const clients: SessionClient[] = [];
        for (let count = 0; count < 3; count++) clients.push((await signIn(app(), app().roleKey)).client);
        // all within one second, sooner or later
        await vi.waitFor(
          async () => {
            const answers = await Promise.all(
              [...clients, ...clients].map(
                async (client) => await sessionCall(client, 'GET', '/api/providers'),
              ),
            );
            expect(answers.map(({ status }) => status)).toContain(429);
          },
          { timeout: 20_000, interval: 300 },
        );
      });
    },
    { JACKFIELD_RATE_LIMIT_PER_SECOND: '5' },
  );
});

describe('where browsers come by https', () => {
  onBothDatabases(
    (app) => {
      it('the cookie is bound to this host and to https, and the page has to be that of the public address', async () => {
        const { answer, client } = await signIn(app(), app().roleKey, { origin: 'https://jackfield.test' });
        expect(answer.headers.getSetCookie()).toEqual([
          expect.stringMatching(
            /^__Host-jackfield_session=[\w-]{43}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict; Secure$/,
          ),
        ]);
        const headers = { origin: 'https://jackfield.test' };
        expect((await sessionCall(client, 'GET', '/api/integrations', { headers })).status).toBe(200);
        const elsewhere = { headers: { origin: app().url } };
        expect((await sessionCall(client, 'GET', '/api/integrations', elsewhere)).status).toBe(403);
        const unbound = { ...client, cookie: client.cookie.replace('__Host-', '') };
        expect((await sessionCall(unbound, 'GET', '/api/integrations')).status).toBe(401);
      });
    },
    { JACKFIELD_PUBLIC_URL: 'https://jackfield.test' },
  );
});

describe('with several processes', () => {
  it('a session is good in all of them, and its end is its end everywhere', async () => {
    await using app = await startApp('postgres');
    await using other = await startProcess(app.database.environment);
    const { client } = await signIn(app, app.roleKey);
    const there = { ...client, url: other.url };
    expect((await sessionCall(there, 'GET', '/api/integrations')).status).toBe(200);
    expect((await sessionCall(client, 'DELETE', '/session')).status).toBe(204);
    expect((await sessionCall(there, 'GET', '/api/integrations')).status).toBe(401);
  });
});

describe('in the database', () => {
  it('a session is lost with its row or another role of its key, and expired ones are removed', async () => {
    await using app = await startApp('postgres');
    const url = app.database.environment['DATABASE_URL'] ?? '';
    const status = async (client: SessionClient) =>
      (await sessionCall(client, 'GET', '/api/integrations')).status;
    const [demoted, deleted, expired] = await Promise.all(
      [1, 2, 3].map(async () => (await signIn(app, await createRoleKey(app, 'admin'))).client),
    );
    if (demoted === undefined || deleted === undefined || expired === undefined)
      throw new Error('no sessions');
    const hashOf = ({ cookie }: SessionClient) => hashToken(cookie.split('=')[1] ?? '');
    await query(
      url,
      `update api_key set role = 'user' where id =
        (select api_key_id from session_organization where token_hash = '${hashOf(demoted)}')`,
    );
    await query(url, `delete from session where token_hash = '${hashOf(deleted)}'`);
    await query(url, `update session set expires_at = now() where token_hash = '${hashOf(expired)}'`);
    expect(await Promise.all([demoted, deleted, expired].map(status))).toEqual([401, 401, 401]);

    expect(await query(url, 'select from session')).toHaveLength(2);
    // the chores are done once more before the end
    await app.app.stop();
    expect(await query(url, 'select from session')).toHaveLength(1);
    expect(await query(url, 'select from session_organization')).toHaveLength(1);
  });
});
