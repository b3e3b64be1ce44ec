import { type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, describe, expect, it } from 'vitest';
import { butterCall, createOrganization } from '../../support/butter.ts';
import { audience, callWithToken, clients, createKeyWithToken, Issuer } from '../../support/issuer.ts';
import { onBothDatabases } from '../../support/matrix.ts';

const invalid = { detail: 'Invalid API key' };
const foreign = { detail: 'API key does not belong to this organization' };

const issuer = await Issuer.start();
const otherIssuer = await Issuer.start();
afterAll(async () => {
  for (const each of [issuer, otherIssuer]) await each[Symbol.asyncDispose]();
});

describe('a token of the identity provider', () => {
  onBothDatabases((app) => {
    const adminToken = async (role = 'admin') =>
      await issuer.token({ organizations: [app().organizationId], role });

    it('creates, lists and revokes API keys', async () => {
      const token = await adminToken();
      const created = await createKeyWithToken(app(), token, 'admin');
      expect(created.status).toBe(201);
      const id = created.json.key.key_id;
      const listed = await callWithToken(app(), token);
      expect(listed.status).toBe(200);
      expect(listed.json.data).toContainEqual(created.json.key);
      expect((await callWithToken(app(), token, ['DELETE', `/api/api-keys/${id}`])).status).toBe(200);
      const key = created.json.raw_key;
      expect((await butterCall(app(), 'GET', '/api/integrations', { key })).status).toBe(401);
    });

    it('creates, lists and revokes keys for the SendGrid surface', async () => {
      const token = await adminToken();
      const path = '/api/sendgrid-keys';
      const json = { name: 'By token' };
      const created = await callWithToken(app(), token, ['POST', path], { json });
      expect(created.status).toBe(201);
      const listed = await callWithToken(app(), token, ['GET', path]);
      expect(listed.json.data).toContainEqual(created.json.key);
      const at = `${path}/${created.json.key.api_key_id}`;
      expect((await callWithToken(app(), token, ['DELETE', at])).status).toBe(200);
      const user = await adminToken('user');
      expect((await callWithToken(app(), user, ['POST', path], { json })).status).toBe(403);
    });

    it('is no credential for anything else', async () => {
      const token = await adminToken();
      for (const path of ['integrations', 'phone-numbers', 'audit-log', 'integrations/intg_0123456789ab']) {
        const answer = await callWithToken(app(), token, ['GET', `/api/${path}`]);
        expect([answer.status, answer.json]).toEqual([401, { detail: 'API key required' }]);
      }
    });

    it('repeats a write under an idempotency key, for its own subject only', async () => {
      const claims = { organizations: app().organizationId, role: 'admin' };
      const create = async (client: string) =>
        await callWithToken(app(), await issuer.token(claims, { client }), ['POST', '/api/api-keys'], {
          headers: { 'idempotency-key': 'by-token' },
          json: { name: 'Once', role: 'user' },
        });
      const first = await create(clients.plain);
      expect(first.status).toBe(201);
      expect((await create(clients.plain)).text).toBe(first.text);
      expect((await create(clients.odd)).json.raw_key).not.toBe(first.json.raw_key);
    });

    it('is authorized anew on a repeat: who was given a lower role meanwhile gets no stored admin key', async () => {
      const attempt = async (role: string, request: readonly [string, string], json?: unknown) => {
        const token = await issuer.token({ organizations: app().organizationId, role });
        const headers = { 'idempotency-key': 'demoted' };
        return await callWithToken(app(), token, request, { headers, ...(json !== undefined && { json }) });
      };
      const wish = { name: 'Above', role: 'admin' };
      const created = await attempt('admin', ['POST', '/api/api-keys'], wish);
      expect(created.status).toBe(201);
      expect((await attempt('agent_manager', ['POST', '/api/api-keys'], wish)).status).toBe(403);
      const path = `/api/api-keys/${created.json.key.key_id}`;
      expect((await attempt('admin', ['DELETE', path])).status).toBe(200);
      expect((await attempt('agent_manager', ['DELETE', path])).status).toBe(403);
    });

    it('yields to an API key that is sent along', async () => {
      const user = (await createKeyWithToken(app(), await adminToken(), 'user')).json.raw_key;
      const both = { key: user, headers: { authorization: `Bearer ${await adminToken()}` } };
      expect((await butterCall(app(), 'GET', '/api/api-keys', both)).status).toBe(403);
    });

    it.each([
      ['a list', (id: string) => ({ organizations: ['org_elsewhere', id], role: 'admin' })],
      ['a text', (id: string) => ({ organizations: id, role: 'admin' })],
      ['an object of id and role', (id: string) => ({ organizations: { [id]: 'admin' } })],
    ])('names its organizations as %s', async (_, claims) => {
      const token = await issuer.token(claims(app().organizationId));
      expect((await callWithToken(app(), token)).status).toBe(200);
    });

    it('is good in the organizations that it names, and nowhere else', async () => {
      const second = await createOrganization(app());
      const roles = {
        [app().organizationId]: 'user',
        [second.organizationId]: 'admin',
        org_nowhere: 'admin',
      };
      const token = await issuer.token({ organizations: roles, role: 'admin' });
      expect((await createKeyWithToken(second, token, 'admin')).status).toBe(201);
      expect((await createKeyWithToken(app(), token, 'user')).status).toBe(403);

      const elsewhere = await issuer.token({ organizations: [second.organizationId], role: 'admin' });
      for (const [bearer, organizationId] of [
        [elsewhere, app().organizationId],
        [token, 'org_nowhere'],
        [token, 'no organization at all'],
        [token, '__proto__'],
      ] as const) {
        const answer = await callWithToken(app(), bearer, undefined, { organizationId });
        expect([answer.status, answer.json]).toEqual([403, foreign]);
      }
      const none = await callWithToken(app(), token, undefined, { organizationId: null });
      expect(none.status).toBe(422);
      expect(none.json.detail[0].loc).toEqual(['header', 'x-organization-id']);
    });

    it('is worth what its role is worth', async () => {
      const user = await adminToken('user');
      const denied = await createKeyWithToken(app(), user, 'user');
      expect(denied.status).toBe(403);
      expect(denied.json).toEqual({ detail: 'Only admins and agent managers can create API keys' });
      expect((await callWithToken(app(), user)).status).toBe(403);

      const manager = await adminToken('agent_manager');
      expect((await createKeyWithToken(app(), manager, 'agent_manager')).status).toBe(201);
      expect((await createKeyWithToken(app(), manager, 'admin')).status).toBe(403);
      const admins = (await createKeyWithToken(app(), await adminToken(), 'admin')).json.key.key_id;
      expect((await callWithToken(app(), manager, ['DELETE', `/api/api-keys/${admins}`])).status).toBe(403);
    });

    it.each([
      ['unknown', 'owner'],
      ['in capitals', 'ADMIN'],
      ['a list', ['admin']],
      ['missing', undefined],
    ])('opens nothing where its role is %s', async (_, role) => {
      const organizations = app().organizationId;
      const flat = await callWithToken(app(), await issuer.token({ organizations, role }));
      expect([flat.status, flat.json]).toEqual([403, foreign]);
      const byId = await issuer.token({ organizations: { [organizations]: role }, role: 'admin' });
      expect((await callWithToken(app(), byId)).status).toBe(403);
    });

    it('gives its subject to the keys it makes, in the form of a user id', async () => {
      const claims = { organizations: app().organizationId, role: 'admin' };
      const madeBy = async (client: string) =>
        (await createKeyWithToken(app(), await issuer.token(claims, { client }), 'user')).json.key.user_id;
      expect(await madeBy(clients.plain)).toBe(clients.plain);
      const derived = await madeBy(clients.odd);
      expect(derived).toMatch(/^user_[0-9a-f]{32}$/);
      expect(await madeBy(clients.odd)).toBe(derived);
    });
  }, issuer.environment);
});

describe('a token', () => {
  onBothDatabases((app) => {
    const claims = (more: JWTPayload = {}) =>
      issuer.claims({ organizations: [app().organizationId], role: 'admin', ...more });
    const inSeconds = (seconds: number) => Math.floor(Date.now() / 1_000) + seconds;
    const mac = async (secret: string) =>
      await new SignJWT(claims())
        .setProtectedHeader({ alg: 'HS256', kid: issuer.publicKey.kid ?? '' })
        .sign(new TextEncoder().encode(secret));

    const refused: readonly (readonly [string, () => string | Promise<string>])[] = [
      ['that is no JWT', () => 'anything'],
      ['for another audience', async () => await issuer.token(claimed(), { audience: 'https://other.test' })],
      ['of another issuer', async () => await otherIssuer.token(claimed())],
      ['in our issuer’s name, signed by another', async () => await otherIssuer.sign(claims())],
      [
        'that names our issuer’s key but is signed by another one',
        async () => {
          const [header = '', payload] = (await issuer.sign(claims())).split('.');
          const forged = (await otherIssuer.sign(claims())).split('.')[2];
          return [header, payload, forged].join('.');
        },
      ],
      [
        'whose claims were changed',
        async () => exchangePayload(await issuer.sign(claims()), claims({ x: 1 })),
      ],
      ['without a signature', () => new UnsecuredJWT(claims()).encode()],
      ['whose signature was cut off', async () => (await issuer.sign(claims())).replace(/[^.]*$/, '')],
      ['with the public key as a shared secret', async () => await mac(JSON.stringify(issuer.publicKey))],
      ['with the public modulus as a shared secret', async () => await mac(issuer.publicKey.n ?? '')],
      ['that never expires', async () => await issuer.sign(without(claims(), 'exp'))],
      ['that expired 60 s ago', async () => await issuer.sign(claims({ exp: inSeconds(-60) }))],
      ['that holds in 60 s', async () => await issuer.sign(claims({ nbf: inSeconds(60) }))],
      ['of nobody', async () => await issuer.sign(without(claims(), 'sub'))],
      ['of a nameless one', async () => await issuer.sign(claims({ sub: '' }))],
      ['for nobody', async () => await issuer.sign(without(claims(), 'aud'))],
      ['that does not say who issued it', async () => await issuer.sign(without(claims(), 'iss'))],
    ];
    const claimed = () => ({ organizations: [app().organizationId], role: 'admin' });

    it.each(refused)('%s is refused', async (_, make) => {
      const answer = await callWithToken(app(), await make());
      expect([answer.status, answer.json]).toEqual([401, invalid]);
    });

    it('that expired 10 s ago, or holds in 10 s, is accepted: clocks differ', async () => {
      for (const times of [{ exp: inSeconds(-10) }, { nbf: inSeconds(10) }]) {
        expect((await callWithToken(app(), await issuer.sign(claims(times)))).status).toBe(200);
      }
    });

    it('for several audiences is accepted when we are one of them', async () => {
      const token = await issuer.sign(claims({ aud: ['https://other.test', audience] }));
      expect((await callWithToken(app(), token)).status).toBe(200);
    });
  }, issuer.environment);
});

describe('the names of the claims', () => {
  const names = { user: 'https://claims.test/user', organizations: 'orgs', role: 'org:role' };
  onBothDatabases(
    (app) => {
      it('are settings', async () => {
        const claims = { [names.user]: 'user_Ada', orgs: [app().organizationId], 'org:role': 'admin' };
        const created = await createKeyWithToken(app(), await issuer.token(claims), 'user');
        expect(created.json.key.user_id).toBe('user_Ada');
        const { [names.user]: _, ...nobody } = claims;
        expect((await callWithToken(app(), await issuer.token(nobody))).status).toBe(401);
        const usual = { ...claims, orgs: undefined, organizations: [app().organizationId] };
        expect((await callWithToken(app(), await issuer.token(usual))).status).toBe(403);
      });
    },
    {
      ...issuer.environment,
      JACKFIELD_OIDC_USER_CLAIM: names.user,
      JACKFIELD_OIDC_ORGANIZATIONS_CLAIM: names.organizations,
      JACKFIELD_OIDC_ROLE_CLAIM: names.role,
    },
  );
});

function without(payload: JWTPayload, claim: string): JWTPayload {
  return Object.fromEntries(Object.entries(payload).filter(([name]) => name !== claim));
}

function exchangePayload(token: string, payload: JWTPayload): string {
  const [header, , signature] = token.split('.');
  return [header, Buffer.from(JSON.stringify(payload)).toString('base64url'), signature].join('.');
}
