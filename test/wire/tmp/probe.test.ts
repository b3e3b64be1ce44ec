import { it } from 'vitest';
import { startApp } from '../../support/app.ts';
import { call } from '../../support/http.ts';

it('probes', async () => {
  const app = await startApp('embedded');
  const headers = { 'x-api-key': app.roleKey, 'x-organization-id': app.organizationId };
  for (const [m, p, o] of [
    ['OPTIONS', '/api/integrations', {}],
    ['OPTIONS', '/api/none', {}],
    ['OPTIONS', '/healthz', {}],
    ['GET', '/api/integrations/bulk-delete', {}],
    ['POST', '/api/api-keys', { json: { name: 'x', role: 'user', expires_at: '9999-12-31T23:59:59-23:59' } }],
    ['POST', '/api/phone-numbers', { json: { phone_number: '+15551234567' } }],
    ['GET', '/api/integrations//usage', {}],
    ['DELETE', '/api/integrations/intg_000000000000?dry_run=true', {}],
    ['GET', '/api/audit-log/export', {}],
    ['HEAD', '/api/audit-log/export', {}],
    ['GET', '/api/providers', {}],
  ] as const) {
    const a = await call(app, m, p, { headers, ...o });
    console.log(
      m,
      p,
      a.status,
      JSON.stringify([...a.headers].filter(([k]) => !/date|conn|keep|nosniff/.test(k))),
      a.text.slice(0, 600),
    );
  }
  await app[Symbol.asyncDispose]();
});
