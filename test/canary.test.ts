/** Planted secrets must appear nowhere but where the contract shows them. */
import { describe, expect, it } from 'vitest';
import { startApp } from './support/app.ts';
import { sessionCall, signIn } from './support/browser-session.ts';
import { butterCall, createSendGridKey, newPhoneNumber, phoneNumberBody } from './support/butter.ts';
import { databaseKinds } from './support/database.ts';
import { type Answer, call } from './support/http.ts';
import { segmentBody } from './support/tenants.ts';
import { collectTraces } from './support/traces.ts';

const writeKey = 'CANARYwriteKey0123456789';
const replacedKey = 'CANARYreplacedKey012345';
const password = 'CANARYpassword0123456789';
const authToken = 'ca9a12ca9a12ca9a12ca9a12ca9a12ca';
const sipPassword = 'CANARYsipPassword0123456';
const pin = '9081726354';

function expectNone(texts: readonly string[], secrets: readonly string[]): void {
  for (const secret of secrets) {
    for (const text of texts) expect(text.includes(secret)).toBe(false);
  }
}

const told = (answers: readonly Answer[]) =>
  answers.map((answer) => answer.text + JSON.stringify([...answer.headers])).join('\n');

describe.each(databaseKinds)('on %s', (kind) => {
  it('a write key, a password and a SendGrid-style key leave no trace outside their answers', async () => {
    await using app = await startApp(kind);
    const path = '/v3/marketing/integrations';
    const { key } = app;
    const json = { ...segmentBody(writeKey), label: 'x' };
    const created = await call(app, 'POST', path, { key, json });
    expect(created.text).toContain(writeKey);
    const id = created.json.integration_id;
    const properties = { write_key: replacedKey };
    const patched = await call(app, 'PATCH', `${path}/${id}`, { key, json: { properties } });
    expect(patched.text).toContain(replacedKey);

    const subuser = { username: 'u', email: 'a@example.com', password, ips: [] };
    const jsonType = { 'content-type': 'application/json' };
    const quiet = [
      await call(app, 'POST', path, {
        key,
        json: { ...json, properties: { write_key: writeKey.repeat(5) } },
      }),
      await call(app, 'POST', path, { key, json: { ...json, label: 5, destination: writeKey } }),
      await call(app, 'POST', path, { key, headers: jsonType, body: `{"write_key":"${writeKey}` }),
      await call(app, 'POST', path, { key, headers: { 'content-type': 'text/plain' }, body: writeKey }),
      await call(app, 'GET', `/v3/scopes?write_key=${writeKey}`, { key }),
      await call(app, 'POST', '/v3/subusers', { key, json: subuser }),
      await call(app, 'GET', '/v3/scopes', { key: `SG.${'c'.repeat(22)}.${writeKey.padEnd(43, 'x')}` }),
      await call(app, 'DELETE', `${path}?ids=${id}&dry_run=true`, { key }),
      await call(app, 'DELETE', `${path}?ids=${id}`, { key }),
      await call(app, 'GET', '/metrics'),
    ];
    const { log, stored } = await collectTraces(app);

    expect(log).toContain('"route":"/v3/marketing/integrations"');
    // proof that the search sees what is stored in clear
    expect(stored.includes('a@example.com')).toBe(true);
    expectNone([told(quiet), log, stored], [writeKey, replacedKey, password, key.slice(26)]);
  });

  it('an auth token, SIP secrets and role keys leave no trace outside their answers', async () => {
    await using app = await startApp(kind);
    const credentials = { provider: 'twilio', account_sid: `AC${'0'.repeat(32)}`, auth_token: authToken };
    const headers = { 'idempotency-key': 'canary' };
    const json = { name: 'Canary', credentials };
    const created = await butterCall(app, 'POST', '/api/integrations', { json, headers });
    const id = created.json.data.integration_id;
    const newKey = await butterCall(app, 'POST', '/api/api-keys', {
      json: { name: 'k', role: 'user' },
      headers,
    });
    const rawKey: string = newKey.json.raw_key;
    const { raw_key: sendGridKey } = await createSendGridKey(app, {}, { headers });
    const sip = {
      phone_number: newPhoneNumber(),
      provider: 'sip',
      sip_password: sipPassword,
      inbound_pin: pin,
    };
    const at = `/api/integrations/${id}`;
    const quiet = [
      created,
      await butterCall(app, 'POST', '/api/integrations', { json, headers }),
      await butterCall(app, 'GET', at),
      await butterCall(app, 'PUT', at, { json: { credentials } }),
      await butterCall(app, 'POST', '/api/integrations', {
        json: { credentials: { ...credentials, auth_token: [authToken] } },
      }),
      await butterCall(app, 'POST', '/api/integrations', {
        json: { name: { authToken }, credentials: authToken },
      }),
      await butterCall(app, 'POST', '/api/phone-numbers', { json: sip, headers }),
      await butterCall(app, 'POST', '/api/phone-numbers', { json: { ...sip, sip_password: [sipPassword] } }),
      await butterCall(app, 'POST', '/api/phone-numbers', { json: phoneNumberBody(id) }),
      await butterCall(app, 'GET', '/api/phone-numbers'),
      await butterCall(app, 'DELETE', at),
      await butterCall(app, 'GET', '/api/api-keys'),
      await butterCall(app, 'GET', '/api/sendgrid-keys'),
      await butterCall(app, 'DELETE', `/api/sendgrid-keys/${sendGridKey}`),
      await butterCall(app, 'GET', '/api/integrations', { key: `${rawKey.slice(0, -1)}_` }),
      await butterCall(app, 'GET', '/api/audit-log/export'),
      await call(app, 'GET', '/operator/organizations', { key: app.operatorKey }),
      await call(app, 'GET', '/operator/organizations', { key: `${app.operatorKey}x` }),
      await call(app, 'GET', '/metrics'),
    ];
    const { log, stored } = await collectTraces(app);

    expect(stored.includes('Canary')).toBe(true);
    expectNone(
      [told(quiet), log, stored],
      [
        authToken,
        sipPassword,
        pin,
        rawKey.slice(24),
        sendGridKey.slice(26),
        app.roleKey.slice(24),
        app.operatorKey.slice(5),
      ],
    );
  });

  it('a session’s token, its CSRF token and the key that was signed in with leave no trace', async () => {
    await using app = await startApp(kind);
    const { client } = await signIn(app, app.roleKey);
    const wrong = `${app.roleKey.slice(0, -1)}_`;
    const quiet = [
      await sessionCall(client, 'GET', '/api/integrations'),
      await sessionCall(client, 'POST', '/api/api-keys', { json: { name: 'Canary', role: 'nobody' } }),
      await sessionCall(client, 'GET', '/api/audit-log/export'),
      await sessionCall(client, 'POST', '/session', { json: { api_key: wrong } }),
      await sessionCall(client, 'POST', '/session', { json: { api_key: [app.roleKey] } }),
      await sessionCall(client, 'GET', '/api/integrations', { headers: { origin: 'https://evil.test' } }),
      await sessionCall(client, 'GET', `/session/openid-connect/callback?code=${client.csrfToken}`),
      await sessionCall(client, 'DELETE', '/session'),
      await sessionCall(client, 'GET', '/session'),
      await call(app, 'GET', '/metrics'),
    ];
    const { log, stored } = await collectTraces(app);

    expect(log).toContain('"route":"/session"');
    const [, token = ''] = client.cookie.split('=');
    expectNone([told(quiet), log, stored], [token, client.csrfToken, app.roleKey.slice(24)]);
  });
});
