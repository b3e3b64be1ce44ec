/** The matrix of this surface: every operation × every role × {own, other tenant, deleted, unknown, malformed}. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '../../../src/core/roles.ts';
import {
  type ButterClient,
  butterCall,
  createOrganization,
  createRoleKey,
  createTwilio,
  importNumber,
  phoneNumberBody,
  twilioBody,
} from '../../support/butter.ts';
import { onBothDatabases } from '../../support/matrix.ts';

type TargetKind = 'integration' | 'number';

interface Operation {
  readonly name: string;
  readonly permission: string;
  /** The weakest role that may. */
  readonly from: Role;
  readonly ok: number;
  readonly target?: TargetKind;
  readonly request: (target: string) => {
    readonly method: string;
    readonly path: string;
    readonly json?: unknown;
  };
}

const operations: readonly Operation[] = [
  {
    name: 'create an integration',
    permission: 'integrations:create',
    from: 'agent_manager',
    ok: 201,
    request: () => ({ method: 'POST', path: '/api/integrations', json: twilioBody() }),
  },
  {
    name: 'list integrations',
    permission: 'integrations:read',
    from: 'user',
    ok: 200,
    request: () => ({ method: 'GET', path: '/api/integrations' }),
  },
  {
    name: 'get an integration',
    permission: 'integrations:read',
    from: 'user',
    ok: 200,
    target: 'integration',
    request: (id) => ({ method: 'GET', path: `/api/integrations/${id}` }),
  },
  {
    name: 'see its usage',
    permission: 'integrations:read',
    from: 'user',
    ok: 200,
    target: 'integration',
    request: (id) => ({ method: 'GET', path: `/api/integrations/${id}/usage` }),
  },
  {
    name: 'update an integration',
    permission: 'integrations:update',
    from: 'agent_manager',
    ok: 200,
    target: 'integration',
    request: (id) => ({ method: 'PUT', path: `/api/integrations/${id}`, json: { name: 'x' } }),
  },
  {
    name: 'rehearse a delete',
    permission: 'integrations:delete',
    from: 'agent_manager',
    ok: 200,
    target: 'integration',
    request: (id) => ({ method: 'DELETE', path: `/api/integrations/${id}?dry_run=true` }),
  },
  {
    name: 'rehearse a bulk delete',
    permission: 'integrations:delete',
    from: 'agent_manager',
    ok: 200,
    target: 'integration',
    request: (id) => ({
      method: 'POST',
      path: '/api/integrations/bulk-delete',
      json: { integration_ids: [id], dry_run: true },
    }),
  },
  {
    name: 'list numbers',
    permission: 'phone_numbers:read',
    from: 'user',
    ok: 200,
    request: () => ({ method: 'GET', path: '/api/phone-numbers' }),
  },
  {
    name: 'get a number',
    permission: 'phone_numbers:read',
    from: 'user',
    ok: 200,
    target: 'number',
    request: (id) => ({ method: 'GET', path: `/api/phone-numbers/${id}` }),
  },
  {
    name: 'import a number',
    permission: 'phone_numbers:create',
    from: 'agent_manager',
    ok: 201,
    target: 'integration',
    request: (id) => ({ method: 'POST', path: '/api/phone-numbers', json: phoneNumberBody(id) }),
  },
  {
    name: 'update a number',
    permission: 'phone_numbers:update',
    from: 'agent_manager',
    ok: 200,
    target: 'number',
    request: (id) => ({ method: 'PUT', path: `/api/phone-numbers/${id}`, json: { supports_inbound: true } }),
  },
  {
    name: 'read the audit log',
    permission: 'audit_log:read',
    from: 'admin',
    ok: 200,
    request: () => ({ method: 'GET', path: '/api/audit-log' }),
  },
  {
    name: 'export the audit log',
    permission: 'audit_log:read',
    from: 'admin',
    ok: 200,
    request: () => ({ method: 'GET', path: '/api/audit-log/export' }),
  },
  {
    name: 'delete a number',
    permission: 'phone_numbers:delete',
    from: 'agent_manager',
    ok: 200,
    target: 'number',
    request: (id) => ({ method: 'DELETE', path: `/api/phone-numbers/${id}` }),
  },
  {
    name: 'delete an integration',
    permission: 'integrations:delete',
    from: 'agent_manager',
    ok: 200,
    target: 'integration',
    request: (id) => ({ method: 'DELETE', path: `/api/integrations/${id}` }),
  },
];

const roles = ['user', 'agent_manager', 'admin'] as const;
const missing = {
  integration: {
    unknown: 'intg_000000000000',
    malformed: ['x', 'intg_00000000000G', 'intg_0', 'phon_000000000000'],
  },
  number: { unknown: 'phon_000000000000', malformed: ['x', 'phon_00000000000G', 'intg_000000000000'] },
} as const;

async function createTarget(client: ButterClient, kind: TargetKind | undefined): Promise<string> {
  if (kind === undefined) return '';
  const integration = await createTwilio(client);
  return kind === 'integration' ? integration : (await importNumber(client, integration)).id;
}

async function createDeleted(client: ButterClient, kind: TargetKind): Promise<string> {
  const id = await createTarget(client, kind);
  const path = kind === 'integration' ? '/api/integrations' : '/api/phone-numbers';
  await butterCall(client, 'DELETE', `${path}/${id}`);
  return id;
}

onBothDatabases((app) => {
  const keys = new Map<Role, string>();
  let stranger: ButterClient;
  beforeAll(async () => {
    for (const role of roles) keys.set(role, await createRoleKey(app(), role));
    stranger = await createOrganization(app());
  });

  describe.each(operations)('to $name', (operation) => {
    const attempt = async (client: ButterClient, role: Role, target: string) => {
      const { method, path, json } = operation.request(target);
      return await butterCall(client, method, path, { json, key: keys.get(role) ?? '' });
    };
    const may = (role: Role) => roles.indexOf(role) >= roles.indexOf(operation.from);

    it.each(roles)('a %s is let in or told which permission is missing', async (role) => {
      const answer = await attempt(app(), role, await createTarget(app(), operation.target));
      if (may(role)) expect(answer.status).toBe(operation.ok);
      else {
        const detail = `Missing permission: ${operation.permission}`;
        expect([answer.status, answer.json]).toEqual([403, { detail }]);
      }
    });

    it('the permission is asked for before the target', async () => {
      const { target } = operation;
      if (may('user') || target === undefined) return;
      for (const id of [missing[target].unknown, 'x'])
        expect((await attempt(app(), 'user', id)).status).toBe(403);
    });

    it('a target that is gone, foreign or never was is the same 404', async () => {
      const { target } = operation;
      if (target === undefined) return;
      const absent = [
        missing[target].unknown,
        await createDeleted(app(), target),
        await createTarget(stranger, target),
      ];
      for (const role of roles.filter(may)) {
        const answers = [];
        for (const id of absent) {
          const answer = await attempt(app(), role, id);
          answers.push(`${answer.status} ${answer.text.replaceAll(id, 'ID')}`);
        }
        expect(answers[0]).toMatch(/^404 /);
        expect(new Set(answers).size).toBe(1);
      }
    });

    it('a malformed target is 422 and says where it stands', async () => {
      const { target } = operation;
      if (target === undefined) return;
      for (const id of missing[target].malformed) {
        const answer = await attempt(app(), 'admin', id);
        expect([answer.status, answer.json.detail[0].type]).toEqual([422, 'string_pattern_mismatch']);
      }
    });

    it('a key opens no other organization, and none at all without a key or organization', async () => {
      const { method, path, json } = operation.request(await createTarget(stranger, operation.target));
      const withKey = { json, key: app().roleKey };
      const foreign = await butterCall(stranger, method, path, withKey);
      expect([foreign.status, foreign.json]).toEqual([
        403,
        { detail: 'API key does not belong to this organization' },
      ]);
      const unknown = await butterCall(stranger, method, path, { ...withKey, organizationId: 'org_nobody' });
      expect([unknown.status, unknown.json]).toEqual([foreign.status, foreign.json]);
      const none = await butterCall(stranger, method, path, { ...withKey, organizationId: null });
      expect([none.status, none.json.detail[0].loc]).toEqual([422, ['header', 'x-organization-id']]);
      const keyless = await butterCall(stranger, method, path, { json, key: null });
      expect([keyless.status, keyless.json]).toEqual([401, { detail: 'API key required' }]);
      const wrong = await butterCall(stranger, method, path, { json, key: `bk_live_${'x'.repeat(56)}` });
      expect([wrong.status, wrong.json]).toEqual([401, { detail: 'Invalid API key' }]);
      const sendGrid = await butterCall(stranger, method, path, { json, key: app().key });
      expect(sendGrid.status).toBe(401);
    });
  });
});
