import { describe, expect, it } from 'vitest';
import {
  type ButterClient,
  butterCall,
  createOrganization,
  createTwilio,
  importNumber,
  phoneNumberBody,
} from '../../support/butter.ts';
import { onBothDatabases } from '../../support/matrix.ts';

const at = (id: string) => `/api/integrations/${id}`;
const unknown = 'intg_000000000000';

async function status(client: ButterClient, id: string): Promise<number> {
  return (await butterCall(client, 'GET', at(id))).status;
}

const rehearsedOne = 'Dry run: nothing was deleted; 1 integration would be';

describe('deleting', () => {
  onBothDatabases((app) => {
    it('names every blocking number, sorted, of more than 100 the first 100 and a count', async () => {
      const id = await createTwilio(app());
      const numbers = Array.from({ length: 103 }, (_, index) => `+49${7_000_000 + index}`);
      for (const number of numbers.toReversed()) {
        await importNumber(app(), id, { json: phoneNumberBody(id, number) });
      }
      const refused = await butterCall(app(), 'DELETE', at(id));
      const named = numbers.slice(0, 100).map((number) => `'${number}'`);
      expect([refused.status, refused.json]).toEqual([
        409,
        {
          detail: `Integration is still referenced by phone numbers: [${named.join(', ')}] and 3 more. Remove or reassign them first.`,
        },
      ]);
    });

    it('rehearses with dry_run: the same answer but for the message, and nothing changed', async () => {
      const id = await createTwilio(app());
      const rehearsed = await butterCall(app(), 'DELETE', `${at(id)}?dry_run=true`);
      expect(rehearsed.headers.get('x-dry-run')).toBe('true');
      expect(await status(app(), id)).toBe(200);
      const number = await importNumber(app(), id);
      const refused = await butterCall(app(), 'DELETE', `${at(id)}?dry_run=true`);
      expect([refused.status, refused.text]).toEqual([409, (await butterCall(app(), 'DELETE', at(id))).text]);
      await butterCall(app(), 'DELETE', `/api/phone-numbers/${number.id}`);
      const deleted = await butterCall(app(), 'DELETE', at(id));
      expect(deleted.status).toBe(rehearsed.status);
      expect(rehearsed.json).toEqual({ ...deleted.json, message: rehearsedOne });
      expect((await butterCall(app(), 'DELETE', `${at(id)}?dry_run=true`)).status).toBe(404);
    });

    it.each([
      'dry_run=1',
      'dry_run=',
      'dry_run=TRUE',
      'dry_run=true&dry_run=false',
      'dryrun=true',
      'dry_run[]=true',
      'replace_with=x',
    ])('refuses ?%s and deletes nothing', async (query) => {
      const id = await createTwilio(app());
      expect((await butterCall(app(), 'DELETE', `${at(id)}?${query}`)).status).toBe(422);
      expect(await status(app(), id)).toBe(200);
    });

    it('moves the numbers to another integration first, with replace_with', async () => {
      const [from, to] = [await createTwilio(app()), await createTwilio(app())];
      const numbers = [await importNumber(app(), from), await importNumber(app(), from)];
      const rehearsed = await butterCall(app(), 'DELETE', `${at(from)}?replace_with=${to}&dry_run=true`);
      const deleted = await butterCall(app(), 'DELETE', `${at(from)}?replace_with=${to}`);
      expect([deleted.status, deleted.json.moved_phone_numbers]).toEqual([200, 2]);
      expect(rehearsed.json).toEqual({ ...deleted.json, message: rehearsedOne });
      for (const { id } of numbers) {
        const { json } = await butterCall(app(), 'GET', `/api/phone-numbers/${id}`);
        expect(json.data.integration_id).toBe(to);
      }
      const entries = await butterCall(app(), 'GET', `/api/audit-log?target_id=${numbers[0]?.id}`);
      expect(entries.json.data[0]).toMatchObject({
        action: 'phone_number.reassigned',
        details: { from, to },
      });
    });

    it('refuses a replacement that is unknown, foreign, of another provider or the same one', async () => {
      const from = await createTwilio(app());
      await importNumber(app(), from);
      const stranger = await createOrganization(app());
      const segment = await butterCall(app(), 'POST', '/api/integrations', {
        json: {
          name: 'S',
          credentials: { provider: 'segment', write_key: 'x'.repeat(10), destination_region: 'EU' },
        },
      });
      for (const [replacement, reason] of [
        [unknown, 'The replacement integration was not found'],
        [await createTwilio(stranger), 'The replacement integration was not found'],
        [segment.json.data.integration_id, 'The replacement integration is of another provider'],
        [from, 'The replacement integration is to be deleted itself'],
      ]) {
        for (const dryRun of ['', '&dry_run=true']) {
          const refused = await butterCall(
            app(),
            'DELETE',
            `${at(from)}?replace_with=${replacement}${dryRun}`,
          );
          expect([refused.status, refused.json.detail[0]]).toEqual([
            422,
            { type: 'value_error', loc: ['query', 'replace_with'], msg: reason, input: null },
          ]);
        }
      }
      expect(await status(app(), from)).toBe(200);
    });

    it('needs the version that If-Match names', async () => {
      const id = await createTwilio(app());
      const first = (await butterCall(app(), 'GET', at(id))).headers.get('etag') ?? '';
      const renamed = await butterCall(app(), 'PUT', at(id), {
        json: { name: 'New' },
        headers: { 'if-match': first },
      });
      const second = renamed.headers.get('etag') ?? '';
      expect([renamed.status, second === first]).toEqual([200, false]);
      for (const [method, json] of [
        ['PUT', { name: 'Again' }],
        ['DELETE', undefined],
      ] as const) {
        for (const tag of [first, `W/${second}`, '"nonsense"']) {
          const refused = await butterCall(app(), method, at(id), { json, headers: { 'if-match': tag } });
          expect([refused.status, refused.json]).toEqual([
            412,
            { detail: 'Integration was changed since it was read' },
          ]);
        }
      }
      const several = { 'if-match': `${first}, ${second}` };
      expect((await butterCall(app(), 'DELETE', at(id), { headers: several })).status).toBe(200);
      expect((await butterCall(app(), 'DELETE', at(id), { headers: { 'if-match': '*' } })).status).toBe(404);
    });

    it('shows beforehand what refers to an integration, page by page', async () => {
      const id = await createTwilio(app());
      const free = await butterCall(app(), 'GET', `${at(id)}/usage`);
      expect(free.json.data).toEqual({
        integration_id: id,
        can_delete: true,
        waiting_events: 0,
        references: [],
      });
      const numbers = [
        await importNumber(app(), id),
        await importNumber(app(), id),
        await importNumber(app(), id),
      ];
      const page = await butterCall(app(), 'GET', `${at(id)}/usage?limit=2`);
      expect(page.json.data.can_delete).toBe(false);
      expect(page.json.pagination).toMatchObject({ has_more: true, total_count: 3 });
      const rest = await butterCall(
        app(),
        'GET',
        `${at(id)}/usage?limit=2&cursor=${page.json.pagination.next_cursor}`,
      );
      const shown = [...page.json.data.references, ...rest.json.data.references];
      expect(shown.map((each) => each.phone_number_id)).toEqual(numbers.map((each) => each.id).toReversed());
      expect(shown[0]).toMatchObject({ type: 'phone_number', status: 'free' });
      expect((await butterCall(app(), 'GET', `${at(unknown)}/usage`)).status).toBe(404);
    });
  });
});

describe('bulk delete', () => {
  onBothDatabases((app) => {
    const bulk = async (json: unknown) =>
      await butterCall(app(), 'POST', '/api/integrations/bulk-delete', { json });

    it('removes all, counting a repeated id once, and rehearses with dry_run', async () => {
      const ids = [await createTwilio(app()), await createTwilio(app())];
      const rehearsed = await bulk({ integration_ids: [...ids, ids[0]], dry_run: true });
      const deleted = await bulk({ integration_ids: [...ids, ids[0]] });
      expect([deleted.status, deleted.json.message]).toEqual([200, '2 integrations deleted successfully']);
      expect(deleted.json.data.map((each: { integration_id: string }) => each.integration_id)).toEqual(
        ids.toSorted(),
      );
      const message = 'Dry run: nothing was deleted; 2 integrations would be';
      expect(rehearsed.json).toEqual({ ...deleted.json, message });
      for (const id of ids) expect(await status(app(), id)).toBe(404);
    });

    it('removes none when one is unknown or in use, and names every offender with its reason', async () => {
      const [free, used] = [await createTwilio(app()), await createTwilio(app())];
      const foreign = await createTwilio(await createOrganization(app()));
      const { phoneNumber } = await importNumber(app(), used);
      const inUse = {
        integration_id: used,
        reason: 'in_use',
        message: `Integration is still referenced by phone numbers: ['${phoneNumber}']. Remove or reassign them first.`,
        phone_numbers: [phoneNumber],
        total_phone_numbers: 1,
      };
      const notFound = (id: string) => ({
        integration_id: id,
        reason: 'not_found',
        message: 'Integration not found',
      });
      for (const dry_run of [true, false]) {
        const blocked = await bulk({ integration_ids: [used, free], dry_run });
        expect([blocked.status, blocked.json.errors]).toEqual([409, [inUse]]);
        const both = await bulk({ integration_ids: [unknown, used, free, foreign], dry_run });
        expect([both.status, both.json.errors]).toEqual([404, [notFound(unknown), notFound(foreign), inUse]]);
      }
      expect(await status(app(), free)).toBe(200);
    });

    it('moves the numbers of all of them with replace_with', async () => {
      const [a, b, to] = [await createTwilio(app()), await createTwilio(app()), await createTwilio(app())];
      for (const id of [a, b, b]) await importNumber(app(), id);
      const deleted = await bulk({ integration_ids: [a, b], replace_with: to });
      expect([deleted.status, deleted.json.moved_phone_numbers]).toEqual([200, 3]);
      const moved = await butterCall(app(), 'GET', `/api/phone-numbers?integration_id=${to}`);
      expect(moved.json.pagination.total_count).toBe(3);
    });

    it.each([
      ['?dry_run=true', {}, {}],
      ['?replace_with=x', {}, {}],
      ['', { dryRun: true }, {}],
      ['', {}, { 'if-match': '"1"' }],
    ])('deletes nothing with what belongs elsewhere: %j %j %j', async (query, more, headers) => {
      const id = await createTwilio(app());
      const json = { integration_ids: [id], ...more };
      const refused = await butterCall(app(), 'POST', `/api/integrations/bulk-delete${query}`, {
        json,
        headers,
      });
      expect(refused.status).toBe(422);
      expect(await status(app(), id)).toBe(200);
    });

    it('of more than a hundred is repeated whole under its idempotency key', async () => {
      const integration_ids = [];
      for (let count = 0; count < 120; count++) integration_ids.push(await createTwilio(app()));
      const options = {
        json: { integration_ids },
        headers: { 'idempotency-key': `many-${integration_ids[0]}` },
      };
      const first = await butterCall(app(), 'POST', '/api/integrations/bulk-delete', options);
      const second = await butterCall(app(), 'POST', '/api/integrations/bulk-delete', options);
      expect([first.status, first.json.data.length]).toEqual([200, 120]);
      expect([second.status, second.text]).toEqual([200, first.text]);
    });

    it.each([
      [{}, ['body', 'integration_ids'], 'missing'],
      [{ integration_ids: [] }, ['body', 'integration_ids'], 'too_short'],
      [{ integration_ids: [unknown, 'x'] }, ['body', 'integration_ids', 1], 'string_pattern_mismatch'],
      [{ integration_ids: [unknown], dry_run: 'true' }, ['body', 'dry_run'], 'bool_type'],
      [
        { integration_ids: Array.from({ length: 1_001 }, () => unknown) },
        ['body', 'integration_ids'],
        'too_long',
      ],
    ])('refuses %j', async (json, loc, type) => {
      const refused = await bulk(json);
      expect([refused.status, refused.json.detail[0]]).toMatchObject([422, { loc, type, input: null }]);
    });
  });
});
