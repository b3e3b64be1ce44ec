import { describe, expect, it } from 'vitest';
import {
  type ButterClient,
  type ButterOptions,
  butterCall,
  createOrganization,
  createRoleKey,
  createTwilio,
  importNumber,
  phoneNumberBody,
  twilioBody,
} from '../../support/butter.ts';
import { type WriteRequest, writes } from '../../support/butter-writes.ts';
import type { Answer } from '../../support/http.ts';
import { onBothDatabases } from '../../support/matrix.ts';

const integrations = '/api/integrations';
const numbers = '/api/phone-numbers';
const keys = '/api/api-keys';

let count = 0;
const newKey = () => `key-${++count}`;
const replayed = (answer: Answer) => answer.headers.get('idempotency-replayed');

async function send(
  client: ButterClient,
  key: string,
  { method, path, ...rest }: WriteRequest,
  options: ButterOptions = {},
): Promise<Answer> {
  const headers = { 'idempotency-key': key, ...rest.headers };
  return await butterCall(client, method, path, { ...rest, ...options, headers });
}

/** How much has happened in the organization. */
async function happened(client: ButterClient): Promise<number> {
  return (await butterCall(client, 'GET', '/api/audit-log?limit=1')).json.pagination.total_count;
}

describe('a write with an idempotency key', () => {
  onBothDatabases((app) => {
    describe.each(Object.entries(writes))('to %s', (_, prepare) => {
      it('happens once, and every repeat gets the first answer', async () => {
        const { request } = await prepare(app());
        const key = newKey();
        const before = await happened(app());
        const first = await send(app(), key, request);
        expect(first.status).toBeLessThan(300);
        expect(replayed(first)).toBeNull();
        const after = await happened(app());
        expect(after).toBeGreaterThan(before);
        for (let repeat = 0; repeat < 2; repeat++) {
          const again = await send(app(), key, request);
          expect([again.status, again.text]).toEqual([first.status, first.text]);
          expect(again.headers.get('etag')).toBe(first.headers.get('etag'));
          expect(replayed(again)).toBe('true');
        }
        expect(await happened(app())).toBe(after);
      });

      it('is refused when the key comes with another request', async () => {
        const { request, otherwise } = await prepare(app());
        const key = newKey();
        await send(app(), key, request);
        const after = await happened(app());
        const refused = await send(app(), key, { ...request, ...otherwise });
        expect([refused.status, refused.json]).toEqual([
          422,
          {
            detail: [
              {
                type: 'value_error',
                loc: ['header', 'idempotency-key'],
                msg: 'This key was used before with a different request',
                input: null,
              },
            ],
          },
        ]);
        expect(await happened(app())).toBe(after);
      });

      it('happens once when it comes twenty times at once', async () => {
        const { request } = await prepare(app());
        const { request: single } = await prepare(app());
        const before = await happened(app());
        await send(app(), newKey(), single);
        const each = (await happened(app())) - before;
        const key = newKey();
        const answers = await Promise.all(
          Array.from({ length: 20 }, async () => await send(app(), key, request)),
        );
        expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
        expect(answers[0]?.status).toBeLessThan(300);
        expect(answers.filter((answer) => replayed(answer) === null)).toHaveLength(1);
        expect(await happened(app())).toBe(before + 2 * each);
      });
    });

    it('is another one on another path, by another method, with another API key, in another organization', async () => {
      const key = newKey();
      const create: WriteRequest = { method: 'POST', path: integrations, json: twilioBody('Same') };
      const manager = await createRoleKey(app(), 'agent_manager');
      const second = await createOrganization(app());
      const made = [
        await send(app(), key, create),
        await send(app(), key, create, { key: manager }),
        await send(second, key, create),
      ];
      const ids = made.map(({ json }) => json.data.integration_id);
      expect(new Set(ids).size).toBe(3);

      const at = `${integrations}/${ids[0]}`;
      const others: readonly WriteRequest[] = [
        { method: 'PUT', path: at, json: { name: 'Renamed' } },
        { method: 'PUT', path: `${integrations}/${ids[1]}`, json: { name: 'Renamed' } },
        { method: 'POST', path: numbers, json: phoneNumberBody(ids[1]) },
        { method: 'DELETE', path: at },
      ];
      for (const request of others) {
        const answer = await send(app(), key, request);
        expect(answer.status).toBeLessThan(300);
        expect(replayed(answer)).toBeNull();
      }
    });

    it('is tried anew after a refusal: only what happened is kept', async () => {
      const key = newKey();
      const id = await createTwilio(app());
      const number = await importNumber(app(), id);
      const remove: WriteRequest = { method: 'DELETE', path: `${integrations}/${id}` };
      for (let attempt = 0; attempt < 2; attempt++) {
        const refused = await send(app(), key, remove);
        expect(refused.status).toBe(409);
        expect(replayed(refused)).toBeNull();
      }
      const json = { integration_id: await createTwilio(app()) };
      await butterCall(app(), 'PUT', `${numbers}/${number.id}`, { json });
      const removed = await send(app(), key, remove);
      expect([removed.status, replayed(removed)]).toEqual([200, null]);
      expect(replayed(await send(app(), key, remove))).toBe('true');

      const other = newKey();
      const create: WriteRequest = { method: 'POST', path: integrations, json: { name: '' } };
      expect((await send(app(), other, create)).status).toBe(422);
      expect((await send(app(), other, { ...create, json: twilioBody() })).status).toBe(201);
    });

    it('is answered only to whoever may still ask', async () => {
      const raw = await createRoleKey(app(), 'agent_manager');
      const user = await createRoleKey(app(), 'user');
      const { organizationId } = await createOrganization(app());
      const listed = await butterCall(app(), 'GET', keys);
      const id = listed.json.data.find(({ prefix }: { prefix: string }) => raw.startsWith(prefix)).key_id;
      const key = newKey();
      const create: WriteRequest = { method: 'POST', path: integrations, json: twilioBody() };
      const made = await send(app(), key, create, { key: raw });
      expect(made.status).toBe(201);
      expect((await send(app(), key, create, { key: user })).status).toBe(403);
      expect((await send(app(), key, create, { key: raw, organizationId })).status).toBe(403);
      expect((await send(app(), key, create, { key: raw, organizationId: null })).status).toBe(422);
      await butterCall(app(), 'DELETE', `${keys}/${id}`);
      const refused = await send(app(), key, create, { key: raw });
      expect([refused.status, refused.json]).toEqual([401, { detail: 'Invalid API key' }]);
    });

    it.each([
      ['empty', ''],
      ['longer than 255 characters', 'x'.repeat(256)],
      ['with a space', 'one two'],
      ['beyond ASCII', 'schlüssel'],
    ])('is refused when the key is %s', async (_, key) => {
      const before = await happened(app());
      const refused = await send(app(), key, { method: 'POST', path: integrations, json: twilioBody() });
      expect(refused.status).toBe(422);
      expect(refused.json.detail[0].loc).toEqual(['header', 'idempotency-key']);
      expect(await happened(app())).toBe(before);
    });

    it('takes a key of 255 characters, and tells it from one that differs in the last', async () => {
      const create: WriteRequest = { method: 'POST', path: integrations, json: twilioBody() };
      const key = `${newKey()}${'~'.repeat(255)}`.slice(0, 254);
      const made = [await send(app(), `${key}a`, create), await send(app(), `${key}b`, create)];
      expect(made.map(({ status }) => status)).toEqual([201, 201]);
      expect(new Set(made.map(({ json }) => json.data.integration_id)).size).toBe(2);
    });

    it('is repeated even when the expiry that it asked for has passed', async () => {
      const key = newKey();
      const expiresAt = new Date(Date.now() + 2_000).toISOString();
      const create: WriteRequest = {
        method: 'POST',
        path: keys,
        json: { name: 'Brief', role: 'user', expires_at: expiresAt },
      };
      const made = await send(app(), key, create);
      expect(made.status).toBe(201);
      while (Date.now() <= Date.parse(expiresAt)) {
        expect((await send(app(), key, create)).text).toBe(made.text);
      }
      expect((await send(app(), key, create)).text).toBe(made.text);
      expect((await send(app(), newKey(), create)).status).toBe(422);
    });
  });
});

describe('a dry run with an idempotency key', () => {
  onBothDatabases((app) => {
    it('leaves no trace: the delete under the same key happens, and a later dry run tells that', async () => {
      const key = newKey();
      const id = await createTwilio(app());
      const bulk = (dryRun: boolean): WriteRequest => ({
        method: 'POST',
        path: `${integrations}/bulk-delete`,
        json: { integration_ids: [id], dry_run: dryRun },
      });
      const dry: WriteRequest = { method: 'DELETE', path: `${integrations}/${id}?dry_run=true` };
      const before = await happened(app());
      for (const request of [dry, dry, bulk(true), bulk(true)]) {
        const answer = await send(app(), key, request);
        expect([answer.status, replayed(answer)]).toEqual([200, null]);
      }
      expect(await happened(app())).toBe(before);
      const removed = await send(app(), key, bulk(false));
      expect([removed.status, replayed(removed)]).toEqual([200, null]);
      for (const request of [dry, bulk(true)]) expect((await send(app(), key, request)).status).toBe(404);
      expect(replayed(await send(app(), key, bulk(false)))).toBe('true');
    });
  });
});
