/** Sign-ins and sign-outs in the audit log, and how many sessions there may be. */
import { afterAll, describe, expect, it } from 'vitest';
import { type SessionClient, sessionCall, signIn } from '../../support/browser-session.ts';
import { type ButterClient, butterCall, createOrganization, createRoleKey } from '../../support/butter.ts';
import { onBothDatabases } from '../../support/matrix.ts';
import { freePort } from '../../support/postgres-server.ts';
import { SignInIssuer, Wanderer } from '../../support/sign-in-issuer.ts';

const publicUrl = `http://127.0.0.1:${await freePort()}`;
const issuer = await SignInIssuer.start(publicUrl);
afterAll(async () => await issuer[Symbol.asyncDispose]());

const most = 20;
const status = async (client: SessionClient) => (await sessionCall(client, 'GET', '/session')).status;

/** Oldest first: what was done, by whom, to which session and why. */
async function trail(client: ButterClient) {
  const { json } = await butterCall(client, 'GET', '/api/audit-log?target_type=session&limit=100');
  return json.data
    .toReversed()
    .map(({ action, actor, target, details }: any) => [
      action,
      actor.type,
      actor.id,
      target.id,
      details.reason,
    ]);
}

describe('the audit log', () => {
  onBothDatabases((app) => {
    it('has each sign-in with a key and each sign-out, by the session and never by its token', async () => {
      const own = await createOrganization(app());
      const { client, answer } = await signIn(app(), own.roleKey);
      expect((await sessionCall(client, 'DELETE', '/session')).status).toBe(204);
      const [[, , keyId, sessionId]] = await trail(own);
      expect(keyId).toMatch(/^apikey_[0-9a-f]{12}$/);
      expect(sessionId).toMatch(/^sess_[0-9a-f]{12}$/);
      expect(await trail(own)).toEqual([
        ['session.started', 'api_key', keyId, sessionId, undefined],
        ['session.ended', 'api_key', keyId, sessionId, 'signed_out'],
      ]);
      const { json, text } = await butterCall(own, 'GET', '/api/audit-log?action=session.started');
      expect(json.data[0].request_id).toBe(answer.headers.get('x-request-id'));
      expect(text).not.toContain(client.cookie.split('=')[1]);
      // a second sign-out ends nothing
      expect((await sessionCall(client, 'DELETE', '/session')).status).toBe(204);
      expect(await trail(own)).toHaveLength(2);
    });

    it('knows a session that goes on with a further key from one that takes the place of another', async () => {
      const [own, other] = [await createOrganization(app()), await createOrganization(app())];
      const { client } = await signIn(app(), own.roleKey);
      const both = await signIn(app(), other.roleKey, {
        cookie: client.cookie,
        'x-csrf-token': client.csrfToken,
      });
      const [[, , , first]] = await trail(own);
      expect((await trail(own)).map(([action]: any) => action)).toEqual(['session.started']);
      expect((await trail(other)).map(([action, , , id]: any) => [action, id])).toEqual([
        ['session.started', first],
      ]);
      await signIn(app(), own.roleKey, { cookie: both.client.cookie });
      expect((await trail(own)).map(([action, , , id, why]: any) => [action, id === first, why])).toEqual([
        ['session.started', true, undefined],
        ['session.ended', true, 'replaced'],
        ['session.started', false, undefined],
      ]);
      expect((await trail(other)).at(-1).slice(3)).toEqual([first, 'replaced']);
    });

    it('has a person who signs in at the issuer, in each of their organizations', async () => {
      const second = await createOrganization(app());
      const ids = [app().organizationId, second.organizationId];
      issuer.person = { id: 'user_Ada', claims: { name: 'Ada', organizations: ids, role: 'admin' } };
      const browser = new Wanderer();
      await browser.visit(await browser.toCallback(publicUrl));
      await browser.visit(await browser.toCallback(publicUrl));
      const [[, , , one], , [, , , other]] = await trail(second);
      expect(await trail(second)).toEqual([
        ['session.started', 'user', 'user_Ada', one, undefined],
        ['session.ended', 'user', 'user_Ada', one, 'replaced'],
        ['session.started', 'user', 'user_Ada', other, undefined],
      ]);
      const mine = (await trail(app())).filter(([, type]: any) => type === 'user');
      expect(mine).toEqual(await trail(second));
    });

    it('tells when the oldest session of a key gave way, and only then one does', async () => {
      const own = await createOrganization(app());
      const bystander = await signIn(app(), await createRoleKey(own, 'user'));
      const sessions: SessionClient[] = [];
      for (let count = 0; count < most; count++) sessions.push((await signIn(app(), own.roleKey)).client);
      const [oldest, second] = sessions;
      if (oldest === undefined || second === undefined) throw new Error('no sessions');
      expect(await status(oldest)).toBe(200);
      await Promise.all([signIn(app(), own.roleKey), signIn(app(), own.roleKey)]);
      expect(await Promise.all([oldest, second, ...sessions.slice(2)].map(status))).toEqual([
        401,
        401,
        ...sessions.slice(2).map(() => 200),
      ]);
      expect(await status(bystander.client)).toBe(200);
      const ended = (await trail(own)).filter(([action]: any) => action === 'session.ended');
      expect(ended.map((each: any) => each.at(-1))).toEqual(['too_many', 'too_many']);
    });
  }, issuer.environmentFor(publicUrl));
});
