import { describe, expect, it } from 'vitest';
import { call } from '../../support/http.ts';
import { onBothDatabases } from '../../support/matrix.ts';
import { createIntegration, createTenant } from '../../support/tenants.ts';

const path = '/v3/marketing/integrations';

/** Every way that official clients write two ids, and what else they send along (contracts: the wire-form table). */
const wireForms: readonly {
  readonly client: string;
  readonly query: (a: string, b: string) => string;
  readonly headers?: Readonly<Record<string, string>>;
}[] = [
  {
    client: 'Node 8, list',
    query: (a, b) => `ids%5B%5D=${a}&ids%5B%5D=${b}`,
    headers: { 'content-type': 'application/json' },
  },
  { client: 'Node 7, list', query: (a, b) => `ids[]=${a}&ids[]=${b}` },
  { client: 'Node, string', query: (a, b) => `ids=${a},${b}` },
  { client: 'Python, PHP, Ruby, C#, list', query: (a, b) => `ids=${a}&ids=${b}` },
  { client: 'Python, PHP, Ruby, Go, Java, string', query: (a, b) => `ids=${a}%2C${b}` },
  {
    client: 'Java, list',
    query: (a, b) => `ids=${a}&ids=${b}`,
    headers: { 'content-type': 'text/plain; charset=UTF-8', 'content-length': '0' },
  },
  { client: 'indexed keys', query: (a, b) => `ids[0]=${a}&ids%5B1%5D=${b}` },
  { client: 'spaces around ids', query: (a, b) => `ids=+${a}%20,%20${b}+` },
  { client: 'mixed keys', query: (a, b) => `ids[]=${a}&other=x&ids=${b}` },
  { client: 'repeated ids', query: (a, b) => `ids=${a},${b},${a}&ids=${b}` },
  {
    client: 'a trailing slash is tolerated elsewhere, an odd type here',
    query: (a, b) => `ids=${a},${b}`,
    headers: { 'content-type': 'nonsense' },
  },
];

describe('bulk delete', () => {
  onBothDatabases((app) => {
    it.each(wireForms)('understands: $client', async ({ query, headers }) => {
      const { key } = await createTenant(app());
      const [a, b, kept] = [
        await createIntegration(app(), key),
        await createIntegration(app(), key),
        await createIntegration(app(), key),
      ];
      const answer = await call(app(), 'DELETE', `${path}?${query(a, b)}`, {
        key,
        ...(headers && { headers }),
      });
      expect([answer.status, answer.text]).toEqual([204, '']);
      const left = await call(app(), 'GET', path, { key });
      expect(left.json.result.map((each: { integration_id: string }) => each.integration_id)).toEqual([kept]);
    });

    it('ignores a body', async () => {
      const { key } = await createTenant(app());
      const id = await createIntegration(app(), key);
      const answer = await call(app(), 'DELETE', `${path}?ids=${id}`, { key, body: '{"ids":["broken' });
      expect(answer.status).toBe(204);
    });

    it.each([
      ['', 'ids[0]'],
      ['ids=', 'ids[0]'],
      ['ids=X,', 'ids[1]'],
      ['ids=X,%20,X', 'ids[1]'],
      ['ids=X&ids=', 'ids[1]'],
      ['ids[]=X&ids[]=X&ids[]=', 'ids[2]'],
    ])('refuses an empty id, and deletes nothing: %s', async (query, parameter) => {
      const { key } = await createTenant(app());
      const id = await createIntegration(app(), key);
      const answer = await call(app(), 'DELETE', `${path}?${query.replaceAll('X', id)}`, { key });
      expect(answer.status).toBe(400);
      expect(answer.json).toEqual({ errors: [{ message: 'IDs cannot be an empty string', parameter }] });
      expect((await call(app(), 'GET', `${path}/${id}`, { key })).status).toBe(200);
    });

    it('names every empty id in an element of its own', async () => {
      const answer = await call(app(), 'DELETE', `${path}?ids=,a,`, { key: app().key });
      expect(answer.json.errors.map((each: { parameter: string }) => each.parameter)).toEqual([
        'ids[0]',
        'ids[2]',
      ]);
    });

    it('refuses more than 1,000 ids, counting a repeated one once', async () => {
      const ids = (count: number) => Array.from({ length: count }, (_, index) => `x${index}`).join();
      const tooMany = await call(app(), 'DELETE', `${path}?ids=${ids(1_001)}`, { key: app().key });
      expect([tooMany.status, tooMany.json.errors[0].parameter]).toEqual([400, 'ids']);
      const repeated = await call(app(), 'DELETE', `${path}?ids=${ids(1_000)},x0,x1`, { key: app().key });
      expect(repeated.status).toBe(404);
    });

    it('deletes nothing when one id is unknown, and names every unknown one in order', async () => {
      const { key } = await createTenant(app());
      const stranger = await createTenant(app());
      const own = await createIntegration(app(), key);
      const foreign = await createIntegration(app(), stranger.key);
      const answer = await call(
        app(),
        'DELETE',
        `${path}?ids=abc,${own},${foreign},intg_000000000000,a%00b`,
        { key },
      );
      expect(answer.status).toBe(404);
      expect(answer.json.errors).toEqual(
        ['abc', foreign, 'intg_000000000000', 'a\0b'].map((id) => ({
          message: `integration does not exist (${id})`,
        })),
      );
      expect((await call(app(), 'GET', `${path}/${own}`, { key })).status).toBe(200);
      expect((await call(app(), 'GET', `${path}/${foreign}`, { key: stranger.key })).status).toBe(200);
    });

    it('answers a second delete of the same id with 404', async () => {
      const { key } = await createTenant(app());
      const id = await createIntegration(app(), key);
      expect((await call(app(), 'DELETE', `${path}?ids=${id}`, { key })).status).toBe(204);
      expect((await call(app(), 'DELETE', `${path}?ids=${id}`, { key })).status).toBe(404);
    });

    it('says in a dry run what would be deleted, without credentials, and changes nothing', async () => {
      const { key } = await createTenant(app());
      const id = await createIntegration(app(), key, 'planted-key-123');
      const answer = await call(app(), 'DELETE', `${path}?ids=${id}&dry_run=true`, { key });
      expect(answer.status).toBe(200);
      expect(answer.json).toEqual({
        dry_run: true,
        message: 'nothing was deleted; 1 integration would be',
        result: [{ integration_id: id, label: 'Untitled Integration', destination: 'Segment' }],
      });
      expect((await call(app(), 'GET', `${path}/${id}`, { key })).status).toBe(200);
      const refused = await call(app(), 'DELETE', `${path}?ids=${id},abc&dry_run=true`, { key });
      expect([refused.status, refused.json.errors]).toEqual([
        404,
        [{ message: 'integration does not exist (abc)' }],
      ]);
    });

    it.each(['yes', '1', 'True', '', 'true&dry_run=false'])(
      'never takes dry_run=%s for a real delete',
      async (value) => {
        const { key } = await createTenant(app());
        const id = await createIntegration(app(), key);
        const answer = await call(app(), 'DELETE', `${path}?ids=${id}&dry_run=${value}`, { key });
        expect([answer.status, answer.json.errors[0].parameter]).toEqual([400, 'dry_run']);
        expect((await call(app(), 'GET', `${path}/${id}`, { key })).status).toBe(200);
      },
    );

    it.each(['dry_run[]=true', 'dryRun=true', 'DRY-RUN=true', 'dry_Run='])(
      'takes no misspelt dry run for a real delete: %s',
      async (parameter) => {
        const { key } = await createTenant(app());
        const id = await createIntegration(app(), key);
        const answer = await call(app(), 'DELETE', `${path}?ids=${id}&${parameter}`, { key });
        expect(answer.status).toBe(400);
        expect((await call(app(), 'GET', `${path}/${id}`, { key })).status).toBe(200);
      },
    );

    it('answers a flood of commas shortly', async () => {
      const answer = await call(app(), 'DELETE', `${path}?ids=${','.repeat(60_000)}`, { key: app().key });
      expect([answer.status, answer.json.errors.length]).toEqual([400, 1]);
    });

    it('answers what does not fit into the header limit in its own envelope', async () => {
      const long = await call(app(), 'DELETE', `${path}?ids=${'a'.repeat(70_000)}`, { key: app().key });
      expect([long.status, long.json]).toEqual([
        414,
        { errors: [{ field: null, message: 'the request URL is too long' }] },
      ]);
      const longer = await call(app(), 'DELETE', `${path}?ids=${'a'.repeat(140_000)}`, { key: app().key });
      expect([longer.status, longer.json]).toEqual([
        431,
        { errors: [{ field: null, message: 'the request headers are too large' }] },
      ]);
    });
  });
});
