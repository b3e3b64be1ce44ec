import { describe, expect, it, vi } from 'vitest';
import { startApp } from '../../support/app.ts';
import { butterCall } from '../../support/butter.ts';
import { audience, callWithToken, Issuer } from '../../support/issuer.ts';
import { freePort } from '../../support/postgres-server.ts';
import { runToEnd } from '../../support/process.ts';

/** An issuer's keys are looked at again at most every 5 s. */
const keysKnownWithinMs = 20_000;

describe('the issuer of tokens', () => {
  const unavailable = { detail: 'The identity provider does not answer' };
  const until = async (condition: () => Promise<void>) =>
    await vi.waitFor(condition, { timeout: keysKnownWithinMs, interval: 100 });

  it('may change its keys: new ones are found, and what was signed with old ones is refused', async () => {
    await using own = await Issuer.start();
    await using app = await startApp('postgres', own.environment);
    const claims = { organizations: app.organizationId, role: 'admin' };
    const old = await own.token(claims);
    expect((await callWithToken(app, old)).status).toBe(200);
    await own.rotateKeys('ES256');
    const fresh = await own.token(claims);
    await until(async () => expect((await callWithToken(app, fresh)).status).toBe(200));
    expect((await callWithToken(app, old)).status).toBe(401);
  });

  it('may be down at first: tokens are asked to come back later, keys are not', async () => {
    const port = await freePort();
    const settings = { JACKFIELD_OIDC_ISSUER: `http://127.0.0.1:${port}`, JACKFIELD_OIDC_AUDIENCE: audience };
    await using app = await startApp('postgres', settings);
    const down = await callWithToken(app, 'any.token.atall');
    expect([down.status, down.json]).toEqual([503, unavailable]);
    expect((await butterCall(app, 'GET', '/api/api-keys')).status).toBe(200);

    await using late = await Issuer.start({ port });
    const token = await late.token({ organizations: app.organizationId, role: 'admin' });
    expect((await callWithToken(app, token)).status).toBe(200);
  });

  it.each(['/.well-known/openid-configuration', '/jwks'])(
    'may answer %s with an error: that is not the token’s fault',
    async (path) => {
      await using own = await Issuer.start();
      await using app = await startApp('postgres', own.environment);
      const token = await own.token({ organizations: app.organizationId, role: 'admin' });
      own.broken.add(path);
      const down = await callWithToken(app, token);
      expect([down.status, down.json]).toEqual([503, unavailable]);
      own.broken.clear();
      expect((await callWithToken(app, token)).status).toBe(200);
    },
  );

  it('may have a name that ends in a slash', async () => {
    await using own = await Issuer.start({ suffix: '/' });
    await using app = await startApp('postgres', own.environment);
    const token = await own.token({ organizations: app.organizationId, role: 'admin' });
    expect((await callWithToken(app, token)).status).toBe(200);
  });

  it('is trusted only under the name it was set by', async () => {
    await using own = await Issuer.start();
    const settings = { ...own.environment, JACKFIELD_OIDC_ISSUER: own.url.replace('127.0.0.1', 'localhost') };
    await using app = await startApp('postgres', settings);
    const token = await own.token({ organizations: app.organizationId, role: 'admin' });
    expect((await callWithToken(app, token)).status).toBe(503);
  });

  it('and the audience are set together or not at all', async () => {
    const settings = {
      JACKFIELD_OIDC_ISSUER: 'https://issuer.test',
      JACKFIELD_OIDC_AUDIENCE: audience,
    };
    for (const alone of ['JACKFIELD_OIDC_ISSUER', 'JACKFIELD_OIDC_AUDIENCE'] as const) {
      const refusal = await runToEnd({ [alone]: settings[alone] });
      expect(refusal.code).not.toBe(0);
      expect(refusal.errors + refusal.output).toContain(
        'JACKFIELD_OIDC_ISSUER and JACKFIELD_OIDC_AUDIENCE belong together',
      );
    }
  });

  it('where none is set, no token is accepted', async () => {
    await using own = await Issuer.start();
    await using app = await startApp('postgres');
    const token = await own.token({ organizations: app.organizationId, role: 'admin' });
    expect((await callWithToken(app, token)).status).toBe(401);
  });
});
