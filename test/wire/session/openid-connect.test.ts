import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { cookieOf, sessionCall } from '../../support/browser-session.ts';
import { butterCall, createOrganization } from '../../support/butter.ts';
import { call } from '../../support/http.ts';
import { onBothDatabases } from '../../support/matrix.ts';
import { freePort } from '../../support/postgres-server.ts';
import { runToEnd } from '../../support/process.ts';
import { SignInIssuer, Wanderer } from '../../support/sign-in-issuer.ts';

const publicUrl = `http://127.0.0.1:${await freePort()}`;
const issuer = await SignInIssuer.start(publicUrl);
afterAll(async () => await issuer[Symbol.asyncDispose]());

const sessionOf = (browser: Wanderer) => browser.cookiesOf(publicUrl).get('jackfield_session');

describe('signing in at the issuer', () => {
  onBothDatabases((app) => {
    beforeEach(() => {
      issuer.isDown = false;
      issuer.keepClaimsIn('id_token');
      issuer.person = {
        id: 'ada|1',
        claims: { name: 'Ada', organizations: [app().organizationId], role: 'admin' },
      };
    });

    /** Signs in all the way. @returns what our pages then do. */
    const signedIn = async (browser = new Wanderer(), returnTo?: string) => {
      const page = await browser.visit(await browser.toCallback(publicUrl, returnTo));
      const cookie = `jackfield_session=${sessionOf(browser) ?? ''}`;
      const found = await call(app(), 'GET', '/session', { headers: { cookie } });
      const client = {
        url: app().url,
        cookie,
        csrfToken: found.json?.data?.csrf_token ?? '',
        organizationId: app().organizationId,
      };
      return { page, client, session: found.json?.data };
    };

    it('begins a session with what the issuer says of the person', async () => {
      const second = await createOrganization(app());
      issuer.person = {
        id: 'user_Ada',
        claims: {
          name: 'Ada',
          organizations: { [app().organizationId]: 'user', [second.organizationId]: 'admin', org_x: 'admin' },
        },
      };
      const { session, client } = await signedIn();
      expect(session).toMatchObject({ sign_in: 'openid_connect', user: { id: 'user_Ada', name: 'Ada' } });
      const roles = session.organizations.map((each: any) => [each.organization_id, each.role]);
      expect(Object.fromEntries(roles)).toEqual({
        [app().organizationId]: 'user',
        [second.organizationId]: 'admin',
      });
      expect((await sessionCall(client, 'GET', '/api/audit-log')).status).toBe(403);

      const json = { name: 'Named after Ada', role: 'user' };
      const elsewhere = { ...client, organizationId: second.organizationId };
      expect((await sessionCall(elsewhere, 'POST', '/api/api-keys', { json })).status).toBe(201);
      const [entry] = (await butterCall(second, 'GET', '/api/audit-log')).json.data;
      expect([entry.action, entry.actor]).toEqual([
        'api_key.created',
        { type: 'user', id: 'user_Ada', client_id: second.organizationId },
      ]);
    });

    it('asks the userinfo endpoint where the ID token does not say it', async () => {
      issuer.keepClaimsIn('userinfo');
      const { session } = await signedIn();
      expect(session.organizations).toMatchObject([{ organization_id: app().organizationId, role: 'admin' }]);
      expect(session.user.id).toMatch(/^user_[0-9a-f]{32}$/);
    });

    it('is offered', async () => {
      const methods = await call(app(), 'GET', '/session/methods');
      expect(methods.json.data).toEqual({ api_key: true, openid_connect: true });
    });

    it('ends on a page of our own that goes on to where it began', async () => {
      const { page } = await signedIn(new Wanderer(), '/integrations?state=paused&x="><script>');
      expect(page.status).toBe(200);
      expect(page.text).toContain(
        '<meta http-equiv="refresh" content="0; url=/integrations?state=paused&amp;x=&quot;&gt;&lt;script&gt;">',
      );
      expect(page.text).not.toContain('<script');
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    });

    it('keeps its own cookie for ten minutes, for the way back only, and the session’s for our site only', async () => {
      const browser = new Wanderer();
      const start = await browser.visit(`${publicUrl}/session/openid-connect/start`);
      expect(start.status).toBe(302);
      expect(start.headers.getSetCookie()).toEqual([
        expect.stringMatching(/^jackfield_sign_in=[\w-]+; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/),
      ]);
      const sent = new URL(start.headers.get('location') ?? '').searchParams;
      expect(sent.get('code_challenge_method')).toBe('S256');
      for (const name of ['state', 'nonce', 'code_challenge']) expect(sent.get(name)).toMatch(/^[\w-]{43}$/);
      const { page } = await signedIn();
      expect(page.headers.getSetCookie()).toEqual([
        expect.stringMatching(/^jackfield_sign_in=; .*Max-Age=0/),
        expect.stringMatching(/^jackfield_session=[\w-]{43}; Path=\/; .*HttpOnly; SameSite=Strict$/),
      ]);
    });

    const refusals: readonly (readonly [string, (browser: Wanderer) => Promise<string>])[] = [
      ['in a browser that has not begun it', async () => await new Wanderer().toCallback(publicUrl)],
      [
        'with the answer to another browser',
        async (browser) => {
          await browser.toCallback(publicUrl);
          return await new Wanderer().toCallback(publicUrl);
        },
      ],
      [
        'with a code that was used',
        async (browser) => {
          const url = await browser.toCallback(publicUrl);
          const jar = new Map(browser.cookiesOf(publicUrl));
          await browser.visit(url);
          for (const [name, value] of jar) browser.cookiesOf(publicUrl).set(name, value);
          return url;
        },
      ],
      [
        'with another code verifier',
        async (browser) => await tampered(browser, { codeVerifier: 'x'.repeat(43) }),
      ],
      ['with another nonce', async (browser) => await tampered(browser, { nonce: 'x'.repeat(43) })],
      ['with another state', async (browser) => await tampered(browser, { state: 'x'.repeat(43) })],
      [
        'when the person changes their mind',
        async (browser) => {
          issuer.person = undefined;
          return await browser.toCallback(publicUrl);
        },
      ],
      ['without a code', async (browser) => (await browser.toCallback(publicUrl)).replace(/\?.*/, '')],
    ];

    it.each(refusals)('does not end in a session %s', async (_, wayBack) => {
      const browser = new Wanderer();
      const url = await wayBack(browser);
      browser.cookiesOf(publicUrl).delete('jackfield_session');
      const page = await browser.visit(url);
      expect(page.status).toBe(403);
      expect(page.text).toContain('sign_in_failed');
      expect(sessionOf(browser)).toBeUndefined();
    });

    const tampered = async (browser: Wanderer, change: object) => {
      const url = await browser.toCallback(publicUrl);
      const jar = browser.cookiesOf(publicUrl);
      const kept = JSON.parse(Buffer.from(jar.get('jackfield_sign_in') ?? '', 'base64url').toString());
      jar.set('jackfield_sign_in', Buffer.from(JSON.stringify({ ...kept, ...change })).toString('base64url'));
      return url;
    };

    it('does not lead elsewhere, even when the cookie says so', async () => {
      const browser = new Wanderer();
      const page = await browser.visit(await tampered(browser, { returnTo: 'https://evil.test/' }));
      expect([page.status, sessionOf(browser)]).toEqual([403, undefined]);
      expect(page.text).not.toContain('evil');
    });

    it('is in vain for a person of no organization here', async () => {
      issuer.person = { id: 'bob', claims: { organizations: ['org_elsewhere'], role: 'admin' } };
      const { page, session } = await signedIn();
      expect([page.status, session]).toEqual([403, undefined]);
      expect(page.text).toContain('membership_missing');
    });

    it('ends the session that the browser had', async () => {
      const browser = new Wanderer();
      const { client } = await signedIn(browser);
      await signedIn(browser);
      expect((await sessionCall(client, 'GET', '/session')).status).toBe(401);
    });

    it('is refused as long as the issuer does not answer, and then goes on', async () => {
      const browser = new Wanderer();
      const url = await browser.toCallback(publicUrl);
      issuer.isDown = true;
      const page = await browser.visit(url);
      expect(page.status).toBe(503);
      expect(sessionOf(browser)).toBeUndefined();
      issuer.isDown = false;
      expect((await signedIn()).page.status).toBe(200);
    });

    it.each([
      'https://evil.test/',
      '//evil.test/',
      '/\\evil.test/',
      '\\\\evil.test',
      '/\t/evil.test',
      '/%2F/evil.test',
      '/%5Cevil.test',
      '/%09/evil.test',
      '/.//evil.test',
      '/x/..//evil.test',
      '/%2e/%2Fevil.test',
      'javascript:alert(1)',
      'integrations',
      '',
      '/%',
      `/${'x'.repeat(1_000)}`,
    ])('does not begin with the way on to %.40s', async (path) => {
      const start = `/session/openid-connect/start?return_to=${encodeURIComponent(path)}`;
      const answer = await call(app(), 'GET', start);
      expect([answer.status, answer.json.code, cookieOf(answer)]).toEqual([
        422,
        'invalid_request',
        undefined,
      ]);
    });
  }, issuer.environmentFor(publicUrl));
});

describe('where no issuer is set up for signing in', () => {
  onBothDatabases((app) => {
    it('it is not offered, and both its paths refuse', async () => {
      const methods = await call(app(), 'GET', '/session/methods');
      expect(methods.json.data.openid_connect).toBe(false);
      expect((await call(app(), 'GET', '/session/openid-connect/start')).status).toBe(403);
      expect((await call(app(), 'GET', '/session/openid-connect/callback?code=x')).status).toBe(403);
    });
  });
});

it('half of the settings for it are refused at the start', async () => {
  const { code, errors } = await runToEnd({
    JACKFIELD_OIDC_CLIENT_ID: 'a',
    JACKFIELD_OIDC_CLIENT_SECRET: 'do not print this',
  });
  expect(code).toBe(2);
  expect(errors).toContain('JACKFIELD_OIDC_ISSUER is required together with JACKFIELD_OIDC_CLIENT_ID');
  expect(errors).toContain('JACKFIELD_PUBLIC_URL is required together with JACKFIELD_OIDC_CLIENT_ID');
  expect(errors).not.toContain('do not print');
});
