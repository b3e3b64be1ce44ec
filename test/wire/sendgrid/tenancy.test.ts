/**
 * The tenancy matrix: every operation with every kind of caller. The rows come from the operations, the columns from
 * the callers, so a new operation is covered by naming it once.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { TestApp } from '../../support/app.ts';
import { type CallOptions, call } from '../../support/http.ts';
import { onBothDatabases } from '../../support/matrix.ts';
import {
  createIntegration,
  createKey,
  createTenant,
  segmentBody,
  type Tenant,
} from '../../support/tenants.ts';

interface Operation {
  readonly name: string;
  readonly method: string;
  /** `integration` and `apiKey` belong to the owner. */
  readonly path: (owned: Owned) => string;
  readonly json?: unknown;
  /** Any of them is enough; none: any valid key. */
  readonly scopes: readonly string[];
  /** What somebody gets who may do this, but in another account. */
  readonly foreign: number;
  readonly own: number;
}

interface Owned {
  readonly integration: string;
  readonly apiKey: string;
}

const marketing = '/v3/marketing/integrations';
const apiKeys = '/v3/api_keys';
const subuser = { email: 'a@example.com', password: 'x', ips: [] };
const read = ['marketing.read', 'marketing_campaigns.read'];

const operations: readonly Operation[] = [
  { name: 'list integrations', method: 'GET', path: () => marketing, scopes: read, own: 200, foreign: 200 },
  {
    name: 'create an integration',
    method: 'POST',
    path: () => marketing,
    json: segmentBody(),
    scopes: ['marketing_campaigns.create'],
    own: 201,
    foreign: 201,
  },
  {
    name: 'get an integration',
    method: 'GET',
    path: (owned) => `${marketing}/${owned.integration}`,
    scopes: read,
    own: 200,
    foreign: 404,
  },
  {
    name: 'patch an integration',
    method: 'PATCH',
    path: (owned) => `${marketing}/${owned.integration}`,
    json: { label: 'x' },
    scopes: ['marketing_campaigns.update'],
    own: 200,
    foreign: 404,
  },
  {
    name: 'dry-run a delete',
    method: 'DELETE',
    path: (owned) => `${marketing}?ids=${owned.integration}&dry_run=true`,
    scopes: ['marketing_campaigns.delete'],
    own: 200,
    foreign: 404,
  },
  {
    name: 'list keys',
    method: 'GET',
    path: () => apiKeys,
    scopes: ['api_keys.read'],
    own: 200,
    foreign: 200,
  },
  {
    name: 'create a key',
    method: 'POST',
    path: () => apiKeys,
    json: { name: 'x', scopes: [] },
    scopes: ['api_keys.create'],
    own: 201,
    foreign: 201,
  },
  {
    name: 'get a key',
    method: 'GET',
    path: (owned) => `${apiKeys}/${owned.apiKey}`,
    scopes: ['api_keys.read'],
    own: 200,
    foreign: 404,
  },
  {
    name: 'rename a key',
    method: 'PATCH',
    path: (owned) => `${apiKeys}/${owned.apiKey}`,
    json: { name: 'x' },
    scopes: ['api_keys.update'],
    own: 200,
    foreign: 404,
  },
  {
    name: 'replace a key',
    method: 'PUT',
    path: (owned) => `${apiKeys}/${owned.apiKey}`,
    json: { name: 'x', scopes: [] },
    scopes: ['api_keys.update'],
    own: 200,
    foreign: 404,
  },
  { name: 'read its scopes', method: 'GET', path: () => '/v3/scopes', scopes: [], own: 200, foreign: 200 },
  {
    name: 'list subusers',
    method: 'GET',
    path: () => '/v3/subusers',
    scopes: ['subusers.read'],
    own: 200,
    foreign: 200,
  },
  {
    name: 'create a subuser',
    method: 'POST',
    path: () => '/v3/subusers',
    json: { ...subuser, username: 'nested' },
    scopes: ['subusers.create'],
    own: 403,
    foreign: 403,
  },
  // last: what they are asked for is gone afterwards
  {
    name: 'delete an integration',
    method: 'DELETE',
    path: (owned) => `${marketing}?ids=${owned.integration}`,
    scopes: ['marketing_campaigns.delete'],
    own: 204,
    foreign: 404,
  },
  {
    name: 'delete a key',
    method: 'DELETE',
    path: (owned) => `${apiKeys}/${owned.apiKey}`,
    scopes: ['api_keys.delete'],
    own: 204,
    foreign: 404,
  },
];

interface World {
  readonly owner: Tenant;
  readonly owned: Owned;
  readonly stranger: Tenant;
  readonly revoked: string;
  /** The key of another root account. */
  readonly foreignParent: string;
}

async function createWorld(app: TestApp): Promise<World> {
  const owner = await createTenant(app);
  const stranger = await createTenant(app);
  const own = { url: app.url, key: owner.key };
  const revoked = await createKey(own);
  await call(app, 'DELETE', `${apiKeys}/${revoked.split('.')[1]}`, { key: owner.key });
  const { sendGridKey } = await app.app.organizations.create();
  const apiKey = (await createKey(own, { scopes: [] })).split('.')[1] ?? '';
  return {
    owner,
    owned: { integration: await createIntegration(app, owner.key), apiKey },
    stranger,
    revoked,
    foreignParent: sendGridKey.reveal(),
  };
}

onBothDatabases((app) => {
  describe.each(operations)('to $name', (operation) => {
    let world: World;
    beforeAll(async () => {
      world = await createWorld(app());
    });
    const attempt = async (options: CallOptions) =>
      await call(app(), operation.method, operation.path(world.owned), { ...options, json: operation.json });

    it('needs a key', async () => {
      const answer = await attempt({});
      expect([answer.status, answer.json]).toEqual([
        401,
        { errors: [{ field: null, message: 'authorization required' }] },
      ]);
    });

    const invalid = [
      {
        message: 'The provided authorization grant is invalid, expired, or revoked',
        field: null,
        help: null,
      },
    ];
    it.each([
      ['a malformed key', () => 'nonsense'],
      ['an unknown key', () => `SG.${'x'.repeat(22)}.${'y'.repeat(43)}`],
      ['a known key with another secret', (w: World) => `${w.owner.key.slice(0, 26)}${'z'.repeat(43)}`],
      ['a revoked key', (w: World) => w.revoked],
    ])('is refused to %s', async (_, keyOf) => {
      const answer = await attempt({ key: keyOf(world) });
      expect([answer.status, answer.json]).toEqual([401, { errors: invalid }]);
    });

    it('is refused without the scope, whether or not the target exists', async () => {
      const others = ['marketing.reader', 'marketing_campaigns', 'api_keys', 'x.y'];
      const all = operations
        .flatMap((each) => each.scopes)
        .filter((scope) => !operation.scopes.includes(scope));
      const key = await createKey(
        { url: app().url, key: world.owner.key },
        { scopes: [...new Set([...others, ...all])] },
      );
      if (operation.scopes.length === 0) return;
      expect((await attempt({ key })).status).toBe(403);
      const nothing = { integration: 'intg_000000000000', apiKey: 'x'.repeat(22) };
      const absent = await call(app(), operation.method, operation.path(nothing), {
        key,
        json: operation.json,
      });
      expect(absent.status).toBe(403);
    });

    it('touches nothing of another account', async () => {
      expect((await attempt({ key: world.stranger.key })).status).toBe(operation.foreign);
      const byForeignParent = await attempt({ key: world.foreignParent });
      expect(byForeignParent.status).toBe(operation.name === 'create a subuser' ? 201 : operation.foreign);
      if (operation.method === 'GET') expect(byForeignParent.text).not.toContain('user_id');
    });

    it('is refused on behalf of a subuser that the account does not have', async () => {
      for (const onBehalfOf of [world.owner.username, `account-id ${world.owner.userId}`, 'nobody']) {
        for (const key of [world.foreignParent, world.stranger.key]) {
          const answer = await attempt({ key, onBehalfOf });
          expect([answer.status, answer.json.errors]).toEqual([
            403,
            [{ message: 'on-behalf-of names no subuser of this account' }],
          ]);
        }
      }
    });

    it('is allowed to the parent on behalf of its subuser, and to the owner with just the scope', async () => {
      if (operation.own !== 204) {
        const byParent = await attempt({ key: app().key, onBehalfOf: world.owner.username });
        expect(byParent.status).toBe(operation.own);
      }
      for (const scope of operation.own === 204 ? operation.scopes.slice(0, 1) : operation.scopes) {
        const key = await createKey({ url: app().url, key: world.owner.key }, { scopes: [scope] });
        expect((await attempt({ key })).status).toBe(operation.own);
      }
    });
  });
});
