import { describe, expect, it } from 'vitest';
import {
  butterCall,
  createOrganization,
  createTwilio,
  twilioBody,
  twilioCredentials,
} from '../../support/butter.ts';
import { call } from '../../support/http.ts';
import { onBothDatabases } from '../../support/matrix.ts';
import { segmentBody } from '../../support/tenants.ts';

const path = '/api/integrations';
const segment = { provider: 'segment', write_key: 'write-key-123', destination_region: 'US' };

describe('integrations on /api', () => {
  onBothDatabases((app) => {
    it('are created, read and updated, and never show their credentials', async () => {
      const created = await butterCall(app(), 'POST', path, { json: twilioBody('Twilio Production') });
      const { integration_id: id } = created.json.data;
      expect([created.status, created.json]).toEqual([
        201,
        {
          success: true,
          message: 'Integration created successfully',
          data: {
            integration_id: expect.stringMatching(/^intg_[0-9a-f]{12}$/),
            client_id: app().organizationId,
            name: 'Twilio Production',
            provider: 'twilio',
            category: 'telephony',
            status: 'active',
            created_at: expect.stringMatching(/Z$/),
            updated_at: expect.stringMatching(/Z$/),
          },
        },
      ]);
      const got = await butterCall(app(), 'GET', `${path}/${id}/`);
      expect(got.json).toEqual({ success: true, data: created.json.data });
      const credentials = { ...twilioCredentials, auth_token: 'a'.repeat(32) };
      const updated = await butterCall(app(), 'PUT', `${path}/${id}`, {
        json: { name: 'Renamed', credentials },
      });
      expect([updated.status, updated.json.message, updated.json.data]).toEqual([
        200,
        'Integration updated successfully',
        { ...got.json.data, name: 'Renamed', updated_at: updated.json.data.updated_at },
      ]);
      for (const { text } of [created, got, updated])
        expect(text).not.toMatch(/AC0123|auth_token|fedcba|aaaa/);
    });

    it('show how they are set up where that is asked for, and no secret', async () => {
      const json = { name: 'Segment', credentials: segment, filters: { email_events: ['open', 'drop'] } };
      const created = await butterCall(app(), 'POST', path, { json });
      const one = `${path}/${created.json.data.integration_id}`;
      const shown = await butterCall(app(), 'GET', `${one}?include=settings`);
      const settings = { destination_region: 'US', email_events: ['open', 'drop'] };
      expect(shown.json.data).toEqual({ ...created.json.data, settings });
      expect(shown.text).not.toContain(segment.write_key);
      const twilio = await butterCall(app(), 'GET', `${path}/${await createTwilio(app())}?include=settings`);
      expect(twilio.json.data.settings).toEqual({});
      expect((await butterCall(app(), 'GET', `${one}?include=credentials`)).status).toBe(422);
    });

    it('are one and the same on both surfaces, where both show them', async () => {
      const organization = await app().app.organizations.create();
      const own = {
        url: app().url,
        roleKey: organization.roleKey.reveal(),
        organizationId: organization.organizationId,
      };
      const key = organization.sendGridKey.reveal();
      const bySendGrid = await call(app(), 'POST', '/v3/marketing/integrations', {
        key,
        json: segmentBody(),
      });
      const id = bySendGrid.json.integration_id;
      const seen = await butterCall(own, 'GET', `${path}/${id}`);
      expect(seen.json.data).toMatchObject({
        provider: 'segment',
        category: 'customer_data',
        name: 'Untitled Integration',
      });
      const json = {
        name: 'From here',
        filters: { email_events: ['drop', 'open', 'drop'] },
        credentials: segment,
      };
      const byButter = await butterCall(own, 'POST', path, { json });
      const other = byButter.json.data.integration_id;
      const read = await call(app(), 'GET', `/v3/marketing/integrations/${other}`, { key });
      expect(read.json).toMatchObject({
        label: 'From here',
        filters: { email_events: ['drop', 'open'] },
        properties: { write_key: 'write-key-123', destination_region: 'US' },
      });
      const twilio = await createTwilio(own);
      expect((await call(app(), 'GET', `/v3/marketing/integrations/${twilio}`, { key })).status).toBe(404);
      const bulk = await call(app(), 'DELETE', `/v3/marketing/integrations?ids=${id},${twilio}`, { key });
      expect([bulk.status, bulk.json.errors]).toEqual([
        404,
        [{ message: `integration does not exist (${twilio})` }],
      ]);
      expect((await butterCall(own, 'DELETE', `${path}/${id}`)).status).toBe(200);
      expect((await call(app(), 'DELETE', `/v3/marketing/integrations?ids=${other}`, { key })).status).toBe(
        204,
      );
      expect((await butterCall(own, 'GET', path)).json.pagination.total_count).toBe(1);
    });

    it('of Segment have one cap on both surfaces', async () => {
      const own = await createOrganization(app());
      const create = async () =>
        await butterCall(own, 'POST', path, { json: { name: 'x', credentials: segment } });
      for (let count = 0; count < 10; count++) expect((await create()).status).toBe(201);
      const eleventh = await create();
      expect([eleventh.status, eleventh.json.detail]).toEqual([409, expect.stringContaining('limit of 10')]);
      await createTwilio(own);
    });

    it('are listed newest first, filtered, and paged stably while others come and go', async () => {
      const own = await createOrganization(app());
      const ids = [];
      for (let index = 0; index < 7; index++) ids.unshift(await createTwilio(own));
      await butterCall(own, 'POST', path, { json: { name: 'x', credentials: segment } });
      const page = async (query: string) => (await butterCall(own, 'GET', `${path}?${query}`)).json;
      const idsOf = (list: { data: { integration_id: string }[] }) =>
        list.data.map((each) => each.integration_id);

      const first = await page('category=telephony&limit=3');
      expect(idsOf(first)).toEqual(ids.slice(0, 3));
      expect(first.pagination).toMatchObject({ has_more: true, page_size: 3, total_count: 7 });
      await createTwilio(own);
      await butterCall(own, 'DELETE', `${path}/${ids[2]}`);
      const second = await page(`category=telephony&limit=3&cursor=${first.pagination.next_cursor}`);
      expect(idsOf(second)).toEqual(ids.slice(3, 6));
      const last = await page(`category=telephony&limit=3&cursor=${second.pagination.next_cursor}`);
      expect([idsOf(last), last.pagination.has_more, last.pagination.next_cursor]).toEqual([
        [ids[6]],
        false,
        null,
      ]);

      expect((await page('provider=segment')).pagination.total_count).toBe(1);
      expect((await page('provider=nobody')).data).toEqual([]);
      expect((await page('provider=segment&category=telephony')).data).toEqual([]);
      expect((await page('status=active')).pagination.total_count).toBe(8);
      expect((await page('status=invalid_credentials')).data).toEqual([]);
    });

    it.each([
      'x',
      'bm90LWpzb24',
      Buffer.from('[1]').toString('base64url'),
      Buffer.from('["audit",1]').toString('base64url'),
      '',
    ])('refuse the cursor %j', async (cursor) => {
      const answer = await butterCall(app(), 'GET', `${path}?cursor=${cursor}`);
      expect([answer.status, answer.json]).toEqual([400, { detail: 'Invalid cursor' }]);
    });

    it.each(['limit=0', 'limit=101', 'limit=x', 'limit=1e1', 'status=odd'])(
      'refuse to be listed with %s',
      async (query) => {
        const answer = await butterCall(app(), 'GET', `${path}?${query}`);
        expect([answer.status, answer.json.detail[0].loc[0]]).toEqual([422, 'query']);
      },
    );

    const sid = twilioCredentials.account_sid;
    it.each([
      [{ name: 'x' }, ['body', 'credentials'], 'missing'],
      [{ ...twilioBody(''), name: '' }, ['body', 'name'], 'string_too_short'],
      [{ ...twilioBody(), name: 'x'.repeat(101) }, ['body', 'name'], 'string_too_long'],
      [{ ...twilioBody(), name: 'a\0b' }, ['body', 'name'], 'value_error'],
      [{ ...twilioBody(), name: '\ud800' }, ['body', 'name'], 'value_error'],
      [{ ...twilioBody(), name: 7 }, ['body', 'name'], 'string_type'],
      [{ name: 'x', credentials: {} }, ['body', 'credentials', 'provider'], 'missing'],
      [{ name: 'x', credentials: { provider: 'odd' } }, ['body', 'credentials', 'provider'], 'enum'],
      [
        { name: 'x', credentials: { provider: 'twilio', account_sid: sid } },
        ['body', 'credentials', 'auth_token'],
        'missing',
      ],
      [
        { name: 'x', credentials: { ...twilioCredentials, account_sid: 'AC1' } },
        ['body', 'credentials', 'account_sid'],
        'string_pattern_mismatch',
      ],
      [
        { name: 'x', credentials: { ...segment, destination_region: 'MOON' } },
        ['body', 'credentials', 'destination_region'],
        'enum',
      ],
      [
        { name: 'x', credentials: segment, filters: { email_events: ['odd'] } },
        ['body', 'filters', 'email_events', 0],
        'enum',
      ],
      [{ ...twilioBody(), filters: { email_events: [] } }, ['body', 'filters'], 'value_error'],
      [[], ['body'], 'model_attributes_type'],
    ])('refuse the body %j', async (json, loc, type) => {
      const answer = await butterCall(app(), 'POST', path, { json });
      expect([answer.status, answer.json.detail[0]]).toMatchObject([422, { loc, type, input: null }]);
    });

    it('refuse what is not JSON', async () => {
      const headers = { 'content-type': 'application/json' };
      const broken = await butterCall(app(), 'POST', path, { headers, body: '{"name":' });
      expect(broken.status).toBe(422);
      const text = await butterCall(app(), 'POST', path, {
        headers: { 'content-type': 'text/plain' },
        body: 'x',
      });
      expect([text.status, text.json]).toEqual([415, { detail: 'Content-Type should be application/json' }]);
    });

    it('keep their provider, and what an update leaves out', async () => {
      const id = await createTwilio(app(), { json: twilioBody('Kept') });
      const before = await butterCall(app(), 'GET', `${path}/${id}`);
      const other = await butterCall(app(), 'PUT', `${path}/${id}`, { json: { credentials: segment } });
      expect([other.status, other.json.detail[0].loc]).toEqual([422, ['body', 'credentials', 'provider']]);
      const nothing = await butterCall(app(), 'PUT', `${path}/${id}`, { json: {} });
      expect([nothing.json.data, nothing.headers.get('etag')]).toEqual([
        before.json.data,
        before.headers.get('etag'),
      ]);
      const rotated = await butterCall(app(), 'PUT', `${path}/${id}`, {
        json: { credentials: twilioCredentials },
      });
      expect([rotated.status, rotated.json.data.name]).toEqual([200, 'Kept']);
    });

    it('are described by a catalogue of providers with JSON Schemas', async () => {
      const { json } = await butterCall(app(), 'GET', '/api/providers');
      const twilio = json.data.find((each: { provider: string }) => each.provider === 'twilio');
      expect(twilio).toMatchObject({ category: 'telephony', referred_to_by: ['twilio_phone_numbers'] });
      expect(twilio.credentials_schema.required).toEqual(['provider', 'account_sid', 'auth_token']);
    });
  });
});
