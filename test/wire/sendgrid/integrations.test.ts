import { describe, expect, it } from 'vitest';
import { emailEvents } from '../../../src/core/email-event.ts';
import { call } from '../../support/http.ts';
import { onBothDatabases } from '../../support/matrix.ts';
import { createIntegration, createTenant, segmentBody } from '../../support/tenants.ts';

const path = '/v3/marketing/integrations';

const refused = (message: string) => ({ errors: [{ message, field: 'request' }] });

describe('integrations', () => {
  onBothDatabases((app) => {
    it('are answered whole, write key in clear, with the defaults of the API', async () => {
      const { key, userId } = await createTenant(app());
      const created = await call(app(), 'POST', path, { key, json: segmentBody('abcdefg') });
      expect(created.status).toBe(201);
      expect(created.json).toEqual({
        integration_id: expect.stringMatching(/^intg_[0-9a-f]{12}$/),
        user_id: String(userId),
        filters: { email_events: ['open', 'click'] },
        properties: { write_key: 'abcdefg', destination_region: 'EU' },
        label: 'Untitled Integration',
        destination: 'Segment',
      });
      const one = await call(app(), 'GET', `${path}/${created.json.integration_id}/`, { key });
      expect([one.status, one.json]).toEqual([200, created.json]);
      expect((await call(app(), 'HEAD', `${path}/${created.json.integration_id}`, { key })).status).toBe(200);
    });

    it('keep the order of events, drop repeats, and accept none and all twelve', async () => {
      const { key } = await createTenant(app());
      const create = async (email_events: readonly string[]) => {
        const json = { ...segmentBody(), filters: { email_events } };
        return (await call(app(), 'POST', path, { key, json })).json.filters.email_events;
      };
      expect(await create(['open', 'drop', 'open', 'bounce'])).toEqual(['open', 'drop', 'bounce']);
      expect(await create([])).toEqual([]);
      expect(await create(emailEvents)).toEqual(emailEvents);
    });

    it('ignore unknown keys', async () => {
      const { key } = await createTenant(app());
      const json = { ...segmentBody(), colour: 'red', integration_id: 'intg_000000000000', user_id: '1' };
      const created = await call(app(), 'POST', path, { key, json });
      expect(created.status).toBe(201);
      expect(created.json).not.toMatchObject({ colour: 'red' });
      expect(created.json).not.toMatchObject({ integration_id: 'intg_000000000000' });
      expect(created.json).not.toMatchObject({ user_id: '1' });
    });

    it('are listed oldest first', async () => {
      const { key } = await createTenant(app());
      const ids = [await createIntegration(app(), key), await createIntegration(app(), key)];
      const listed = await call(app(), 'GET', path, { key });
      expect(listed.json.result.map((each: { integration_id: string }) => each.integration_id)).toEqual(ids);
    });

    it('refuse a bad body with all reasons in one element', async () => {
      const properties = { write_key: 'short', destination_region: 'MOON' };
      const answer = await call(app(), 'POST', path, {
        key: app().key,
        json: { ...segmentBody(), properties },
      });
      expect([answer.status, answer.json]).toEqual([
        400,
        refused('destination_region must be EU or US, write_key must be at least 7 characters'),
      ]);
    });

    const full = segmentBody();
    it.each([
      ['no object', [], 'request body must be a JSON object'],
      ['null', null, 'request body must be a JSON object'],
      ['a missing destination', { ...full, destination: undefined }, 'destination must be Segment'],
      ['another destination', { ...full, destination: 'segment' }, 'destination must be Segment'],
      ['missing filters', { ...full, filters: undefined }, 'filters must be an object with email_events'],
      ['missing events', { ...full, filters: {} }, 'email_events must be an array'],
      [
        'an unknown event',
        { ...full, filters: { email_events: ['open', 'dropped'] } },
        `email_events must be any of ${emailEvents.join(', ')}`,
      ],
      ['a missing key', { ...full, properties: { destination_region: 'US' } }, 'write_key must be a string'],
      [
        'a key of 6',
        { ...full, properties: { ...full.properties, write_key: '123456' } },
        'write_key must be at least 7 characters',
      ],
      [
        'a key of 51',
        { ...full, properties: { ...full.properties, write_key: 'x'.repeat(51) } },
        'write_key must be at most 50 characters',
      ],
      [
        'NUL in the key',
        { ...full, properties: { ...full.properties, write_key: 'abc\0defg' } },
        'write_key must not contain NUL or incomplete characters',
      ],
      ['an empty label', { ...full, label: '' }, 'label must be at least 1 character'],
      ['a label of 101', { ...full, label: 'x'.repeat(101) }, 'label must be at most 100 characters'],
      [
        'a lone surrogate in the label',
        { ...full, label: 'a\ud800' },
        'label must not contain NUL or incomplete characters',
      ],
      ['null as label', { ...full, label: null }, 'label must be a string'],
    ])('refuse %s', async (_, json, message) => {
      const answer = await call(app(), 'POST', path, { key: app().key, json });
      expect([answer.status, answer.json]).toEqual([400, refused(message)]);
    });

    it('store text exactly as it was sent', async () => {
      const { key } = await createTenant(app());
      const label = 'Ünïcode 🧩 "quotes" \\ {braces} \u2028 end';
      const created = await call(app(), 'POST', path, { key, json: { ...segmentBody('ключ-🔑-12'), label } });
      expect([created.json.label, created.json.properties.write_key]).toEqual([label, 'ключ-🔑-12']);
      const again = await call(app(), 'GET', `${path}/${created.json.integration_id}`, { key });
      expect(again.json).toEqual(created.json);
    });

    it.each([
      ['not JSON', '{"destination":', 400],
      ['an empty body', '', 400],
      ['broken UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d]), 400],
      ['more than a mebibyte', `{"label":"${'x'.repeat(1_100_000)}"}`, 413],
    ])('refuse %s without repeating it', async (_, body, status) => {
      const headers = { 'content-type': 'application/json' };
      const answer = await call(app(), 'POST', path, { key: app().key, headers, body });
      expect([answer.status, answer.json.errors.length]).toEqual([status, 1]);
    });

    it.each(['text/plain', 'application/x-www-form-urlencoded', 'nonsense'])(
      'refuse a body of type %s',
      async (type) => {
        const body = JSON.stringify(segmentBody());
        const answer = await call(app(), 'POST', path, {
          key: app().key,
          headers: { 'content-type': type },
          body,
        });
        expect([answer.status, answer.json]).toEqual([
          415,
          { errors: [{ message: 'Content-Type should be application/json.', field: null, help: null }] },
        ]);
      },
    );

    it('answer 404 for ids that are unknown or no ids at all', async () => {
      for (const id of [
        'intg_000000000000',
        'abc',
        'intg_00000000000G',
        'a%00b',
        '%F0%9F%A7%A9',
        'x'.repeat(500),
      ]) {
        const shown = decodeURIComponent(id);
        const expected = [404, { errors: [{ message: `integration does not exist (${shown})` }] }];
        const got = await call(app(), 'GET', `${path}/${id}`, { key: app().key });
        expect([got.status, got.json]).toEqual(expected);
        const patched = await call(app(), 'PATCH', `${path}/${id}`, { key: app().key, json: { label: 'x' } });
        expect([patched.status, patched.json]).toEqual(expected);
      }
    });

    it('stop at the cap, and go on when one is deleted', async () => {
      const { key } = await createTenant(app());
      const ids = [];
      for (let count = 0; count < 10; count++) ids.push(await createIntegration(app(), key));
      const eleventh = await call(app(), 'POST', path, { key, json: segmentBody() });
      expect(eleventh.status).toBe(403);
      expect(eleventh.json.errors[0].message).toMatch(/limit of 10 Segment integrations .* delete one/);
      await call(app(), 'DELETE', `${path}?ids=${ids[0]}`, { key });
      expect((await call(app(), 'POST', path, { key, json: segmentBody() })).status).toBe(201);
    });
  });
});

describe('PATCH', () => {
  onBothDatabases((app) => {
    const original = { ...segmentBody('original-key'), label: 'Original' };

    it.each([
      [{}, {}],
      [{ filters: {}, properties: {} }, {}],
      [{ label: 'New' }, { label: 'New' }],
      [{ destination: 'Segment' }, {}],
      [{ filters: { email_events: ['drop'] } }, { filters: { email_events: ['drop'] } }],
      [{ filters: { email_events: [] } }, { filters: { email_events: [] } }],
      [
        { properties: { write_key: 'another-key' } },
        { properties: { write_key: 'another-key', destination_region: 'EU' } },
      ],
      [
        { properties: { destination_region: 'US' } },
        { properties: { write_key: 'original-key', destination_region: 'US' } },
      ],
    ])('merges %j leaf by leaf', async (json, expected) => {
      const { key } = await createTenant(app());
      const created = await call(app(), 'POST', path, { key, json: original });
      const at = `${path}/${created.json.integration_id}`;
      const patched = await call(app(), 'PATCH', at, { key, json });
      expect([patched.status, patched.json]).toEqual([200, { ...created.json, ...expected }]);
      expect((await call(app(), 'GET', at, { key })).json).toEqual(patched.json);
    });

    it.each([
      [{ label: null }, 'label must be a string'],
      [{ filters: null }, 'filters must be an object'],
      [{ filters: { email_events: null } }, 'email_events must be an array'],
      [{ properties: { write_key: null } }, 'write_key must be a string'],
      [{ properties: { destination_region: null } }, 'destination_region must be EU or US'],
      [{ destination: 'Other' }, 'destination must be Segment'],
    ])('refuses %j and changes nothing', async (json, message) => {
      const { key } = await createTenant(app());
      const created = await call(app(), 'POST', path, { key, json: original });
      const at = `${path}/${created.json.integration_id}`;
      const answer = await call(app(), 'PATCH', at, { key, json: { label: 'Changed', ...json } });
      expect([answer.status, answer.json]).toEqual([400, refused(message)]);
      expect((await call(app(), 'GET', at, { key })).json).toEqual(created.json);
    });
  });
});
