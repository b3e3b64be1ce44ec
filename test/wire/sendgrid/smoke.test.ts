import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../../support/app.ts';
import { databaseKinds } from '../../support/database.ts';
import { call } from '../../support/http.ts';
import { createIntegration, createTenant } from '../../support/tenants.ts';

describe.each(databaseKinds)('on %s', (kind) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp(kind);
  });
  afterAll(async () => await app[Symbol.asyncDispose]());

  it('creates and deletes', async () => {
    const { key } = await createTenant(app);
    const id = await createIntegration(app, key);
    expect((await call(app, 'DELETE', `/v3/marketing/integrations?ids=${id}`, { key })).status).toBe(204);
  });
});
