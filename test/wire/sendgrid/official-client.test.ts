import sendGrid from '@sendgrid/client';
import { describe, expect, it } from 'vitest';
import { onBothDatabases } from '../../support/matrix.ts';
import { createTenant, segmentBody } from '../../support/tenants.ts';

/** The official client with its base URL changed, and nothing else. */
function officialClient(url: string, key: string): typeof sendGrid {
  const client = new (sendGrid.constructor as new () => typeof sendGrid)();
  client.setApiKey(key);
  client.setDefaultRequest('baseUrl', url);
  return client;
}

/** What the client throws for an answer of 400 and above. */
interface ClientError {
  readonly code: number;
  readonly response: { readonly body: { readonly errors: readonly unknown[] } };
}

const path = '/v3/marketing/integrations';

describe('the official Node client', () => {
  onBothDatabases((app) => {
    it('creates, reads, lists, changes and bulk-deletes integrations', async () => {
      const client = officialClient(app().url, (await createTenant(app())).key);
      const create = async () => {
        const [response, body] = await client.request({ url: path, method: 'POST', body: segmentBody() });
        expect(response.statusCode).toBe(201);
        return body;
      };
      const [first, second, third] = [await create(), await create(), await create()];

      const [got, gotBody] = await client.request({ url: `${path}/${first.integration_id}`, method: 'GET' });
      expect([got.statusCode, gotBody]).toEqual([200, first]);
      const [patched, patchedBody] = await client.request({
        url: `${path}/${first.integration_id}`,
        method: 'PATCH',
        body: { label: 'Renamed' },
      });
      expect([patched.statusCode, patchedBody]).toEqual([200, { ...first, label: 'Renamed' }]);

      const [deleted, deletedBody] = await client.request({
        url: path,
        method: 'DELETE',
        qs: { ids: [first.integration_id, second.integration_id] },
      });
      expect([deleted.statusCode, deletedBody]).toEqual([204, '']);
      const [listed, listedBody] = await client.request({ url: path, method: 'GET' });
      expect([listed.statusCode, listedBody]).toEqual([200, { result: [third] }]);

      await client.request({ url: path, method: 'DELETE', qs: { ids: third.integration_id } });
      expect((await client.request({ url: path, method: 'GET' }))[1]).toEqual({ result: [] });
    });

    it('shows a refused delete as the documented error', async () => {
      const client = officialClient(app().url, (await createTenant(app())).key);
      const error = await client
        .request({ url: path, method: 'DELETE', qs: { ids: ['abc'] } })
        .then(() => undefined)
        .catch((reason: unknown) => reason as ClientError);
      expect(error?.code).toBe(404);
      expect(error?.response.body).toEqual({ errors: [{ message: 'integration does not exist (abc)' }] });
    });

    it('deletes a thousand ids in one call, in the longest form it sends', async () => {
      const client = officialClient(app().url, (await createTenant(app())).key);
      const ids = Array.from({ length: 1_000 }, (_, index) => `intg_${index.toString(16).padStart(12, '0')}`);
      const error = await client
        .request({ url: path, method: 'DELETE', qs: { ids } })
        .then(() => undefined)
        .catch((reason: unknown) => reason as ClientError);
      expect(error?.code).toBe(404);
      expect(error?.response.body.errors).toHaveLength(1_000);
    });

    it('acts for a subuser through on-behalf-of', async () => {
      const tenant = await createTenant(app());
      const client = officialClient(app().url, app().key);
      const [, created] = await client.request({
        url: path,
        method: 'POST',
        body: segmentBody(),
        headers: { 'on-behalf-of': tenant.username },
      });
      expect(created.user_id).toBe(String(tenant.userId));
      const [, own] = await officialClient(app().url, tenant.key).request({ url: path, method: 'GET' });
      expect(own.result).toEqual([created]);
    });
  });
});
