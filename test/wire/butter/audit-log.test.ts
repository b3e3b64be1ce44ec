import { describe, expect, it } from 'vitest';
import { startApp } from '../../support/app.ts';
import {
  butterCall,
  createOrganization,
  createTwilio,
  importNumber,
  twilioCredentials,
} from '../../support/butter.ts';
import { call } from '../../support/http.ts';
import { onBothDatabases } from '../../support/matrix.ts';
import { segmentBody } from '../../support/tenants.ts';

describe('the audit log', () => {
  onBothDatabases((app) => {
    it('says who did what to which target, when and by which request, on either surface', async () => {
      const organization = await app().app.organizations.create();
      const { organizationId } = organization;
      const own = { url: app().url, roleKey: organization.roleKey.reveal(), organizationId };
      const integration = await createTwilio(own, { headers: { 'x-request-id': 'my-request' } });
      const number = await importNumber(own, integration);
      await butterCall(own, 'PUT', `/api/integrations/${integration}`, { json: { name: 'New' } });
      await butterCall(own, 'DELETE', `/api/phone-numbers/${number.id}`);
      await butterCall(own, 'DELETE', `/api/integrations/${integration}`);
      const key = organization.sendGridKey.reveal();
      const segment = await call(app(), 'POST', '/v3/marketing/integrations', { key, json: segmentBody() });

      const { json } = await butterCall(own, 'GET', '/api/audit-log');
      const actions = json.data.map((each: { action: string }) => each.action);
      expect(actions).toEqual([
        'integration.created',
        'integration.deleted',
        'phone_number.deleted',
        'integration.updated',
        'phone_number.created',
        'integration.created',
        'organization.created',
      ]);
      expect(json.data.at(-2)).toMatchObject({
        actor: { type: 'api_key', id: expect.stringMatching(/^apikey_/), client_id: organizationId },
        request_id: 'my-request',
        target: { type: 'integration', id: integration },
      });
      expect(json.data[0]).toMatchObject({
        actor: { id: key.split('.')[1] },
        target: { id: segment.json.integration_id },
      });

      const ofOne = await butterCall(own, 'GET', `/api/audit-log?target_id=${integration}&limit=2`);
      expect(ofOne.json.pagination).toMatchObject({ total_count: 3, has_more: true });
      const rest = await butterCall(
        own,
        'GET',
        `/api/audit-log?target_id=${integration}&limit=2&cursor=${ofOne.json.pagination.next_cursor}`,
      );
      expect(rest.json.data.map((each: { action: string }) => each.action)).toEqual(['integration.created']);
      const numbers = await butterCall(
        own,
        'GET',
        '/api/audit-log?target_type=phone_number&action=phone_number.deleted',
      );
      expect(numbers.json.pagination.total_count).toBe(1);

      const lines = (await butterCall(own, 'GET', '/api/audit-log/export')).text.trimEnd().split('\n');
      expect(lines.map((line) => JSON.parse(line))).toEqual(json.data);
    });

    it('is exported as CSV, and nothing in it is a formula', async () => {
      const own = await createOrganization(app());
      const json = { name: '=HYPERLINK("http://127.0.0.1:9")', credentials: twilioCredentials };
      await butterCall(own, 'POST', '/api/integrations', { json, headers: { 'x-request-id': '-2' } });
      const { json: listed } = await butterCall(own, 'GET', '/api/audit-log?action=integration.created');
      const [{ entry_id: id, at, actor, target, details }] = listed.data;
      const url = '/api/audit-log/export?action=integration.created&format=csv';
      const { text, headers } = await butterCall(own, 'GET', url);
      expect(headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
      const quoted = `"${JSON.stringify(details).replaceAll('"', '""')}"`;
      const [header, row, ...rest] = text.split('\r\n');
      expect(header).toBe(
        'entry_id,at,actor_type,actor_id,actor_client_id,request_id,action,target_type,target_id,details',
      );
      expect(row).toBe(
        `${id},${at},${actor.type},${actor.id},${actor.client_id},'-2,integration.created,integration,${target.id},${quoted}`,
      );
      expect(rest).toEqual(['']);
      const none = await butterCall(own, 'GET', '/api/audit-log/export?action=none&format=csv');
      expect(none.text).toBe(`${header}\r\n`);
      expect((await butterCall(own, 'GET', '/api/audit-log/export?format=xls')).status).toBe(422);
    });

    it('is filtered by actor and time, in pages and exported', async () => {
      const own = await createOrganization(app());
      await createTwilio(own);
      const count = async (query: string) => {
        const listed = await butterCall(own, 'GET', `/api/audit-log?${query}`);
        const exported = await butterCall(own, 'GET', `/api/audit-log/export?${query}`);
        expect(exported.text.split('\n').length - 1).toBe(listed.json.data.length);
        return listed.json.pagination.total_count;
      };
      const { json } = await butterCall(own, 'GET', '/api/audit-log?action=integration.created');
      expect(await count(`actor=${json.data[0].actor.id}`)).toBe(1);
      expect(await count('actor=nobody')).toBe(0);
      expect(await count('from=2020-01-01T00:00:00Z&action=integration.created')).toBe(1);
      expect(await count('to=2020-01-01T00:00:00Z')).toBe(0);
      for (const wrong of ['from=now', 'to=0000-01-01T00:00:00Z', 'actor=']) {
        for (const at of ['/api/audit-log', '/api/audit-log/export']) {
          expect((await butterCall(own, 'GET', `${at}?${wrong}`)).status).toBe(422);
        }
      }
    });

    it('of one organization shows nothing of another', async () => {
      const [a, b] = [await createOrganization(app()), await createOrganization(app())];
      const id = await createTwilio(a);
      const other = await butterCall(b, 'GET', `/api/audit-log?target_id=${id}`);
      expect(other.json.pagination.total_count).toBe(0);
      expect((await butterCall(b, 'GET', '/api/audit-log/export')).text).not.toContain(id);
    });
  });
});

describe('rate limits on /api', () => {
  it('follow the organization’s tier, over all of its keys', async () => {
    await using app = await startApp('postgres');
    const [{ organizationId }, url] = [app, app.database.environment['DATABASE_URL'] ?? ''];
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query("update organization set tier = 'starter' where id = $1", [organizationId]);
    await client.end();
    const answers = await Promise.all(
      Array.from({ length: 120 }, async () => await butterCall(app, 'GET', '/api/integrations')),
    );
    const refused = answers.filter((answer) => answer.status === 429);
    // even on a machine so slow that the burst takes several seconds, most of it is refused
    expect(refused.length).toBeGreaterThanOrEqual(20);
    expect(refused[0]?.json).toEqual({ detail: 'Rate limit exceeded' });
    expect(refused[0]?.headers.get('x-ratelimit-limit')).toBe('10');
    expect(refused[0]?.headers.get('retry-after')).toBe('1');
  });
});
