/** Tenants for tests, made through the API itself. */
import { call } from './http.ts';

let count = 0;

export interface Tenant {
  readonly username: string;
  readonly userId: number;
  /** A key of the subuser's own, of full access. */
  readonly key: string;
}

/** A subuser below the key's account: a tenant of its own, with its own cap. */
export async function createTenant(app: { readonly url: string; readonly key: string }): Promise<Tenant> {
  const username = `tenant-${process.pid}-${++count}`;
  const created = await call(app, 'POST', '/v3/subusers', {
    key: app.key,
    json: { username, email: `${username}@example.com`, password: 'unused', ips: [] },
  });
  if (created.status !== 201) throw new Error(`no subuser: ${created.status} ${created.text}`);
  const key = await createKey(app, { onBehalfOf: username });
  return { username, userId: created.json.user_id, key };
}

export async function createKey(
  app: { readonly url: string; readonly key: string },
  { scopes, onBehalfOf }: { readonly scopes?: readonly string[]; readonly onBehalfOf?: string } = {},
): Promise<string> {
  const created = await call(app, 'POST', '/v3/api_keys', {
    key: app.key,
    ...(onBehalfOf !== undefined && { onBehalfOf }),
    json: { name: `key ${++count}`, ...(scopes && { scopes }) },
  });
  if (created.status !== 201) throw new Error(`no key: ${created.status} ${created.text}`);
  return created.json.api_key;
}

export const segmentBody = (writeKey = 'write-key-1234567') => ({
  destination: 'Segment',
  filters: { email_events: ['open', 'click'] },
  properties: { write_key: writeKey, destination_region: 'EU' },
});

/** @returns the new integration's id. */
export async function createIntegration(
  app: { readonly url: string },
  key: string,
  writeKey?: string,
): Promise<string> {
  const created = await call(app, 'POST', '/v3/marketing/integrations', { key, json: segmentBody(writeKey) });
  if (created.status !== 201) throw new Error(`no integration: ${created.status} ${created.text}`);
  return created.json.integration_id;
}
