/** What the operator does with organizations. Everything that changes one is in that organization's audit log. */
import type { AuditAction, AuditEntry } from '../core/audit.ts';
import { AppError, invalid } from '../core/errors.ts';
import { newApiKeyId, newUserId, organizationIdForm } from '../core/ids.ts';
import type { KeyStyle, OrganizationLimits, OrganizationRecord } from '../core/organization.ts';
import { newRoleKey, prefixOf } from '../core/role-key.ts';
import { Secret } from '../core/secret.ts';
import { hashToken, newSendGridKey } from '../core/sendgrid-key.ts';
import type { Storage, Transaction } from '../storage/storage.ts';
import type { NewRootOrganization, RootOrganizationService } from './root-organizations.ts';

export interface CreatedOrganization extends NewRootOrganization {
  readonly organization: OrganizationRecord;
}

export interface NewFirstKey {
  readonly id: string;
  readonly style: KeyStyle;
  readonly token: Secret;
}

export interface OrganizationPage {
  readonly items: readonly OrganizationRecord[];
  /** The user id of the last one; undefined on the last page. */
  readonly next: number | undefined;
  readonly total: number;
}

export class TenantService {
  readonly #storage: Storage;
  readonly #roots: RootOrganizationService;

  constructor(storage: Storage, roots: RootOrganizationService) {
    this.#storage = storage;
    this.#roots = roots;
  }

  async page(before: number | undefined, limit: number): Promise<OrganizationPage> {
    const rows = await this.#storage.tenants.list(before, limit + 1);
    const items = rows.slice(0, limit);
    const next = rows.length > limit ? items.at(-1)?.userId : undefined;
    return { items, next, total: await this.#storage.tenants.count() };
  }

  /** @throws AppError organization_not_found */
  async get(id: string): Promise<OrganizationRecord> {
    const organization = organizationIdForm.test(id) ? await this.#storage.tenants.find(id) : undefined;
    if (organization === undefined) throw new AppError({ code: 'organization_not_found', id });
    return organization;
  }

  async create(limits: Partial<OrganizationLimits>, requestId: string): Promise<CreatedOrganization> {
    const created = await this.#roots.create(limits, requestId);
    return { ...created, organization: await this.get(created.organizationId) };
  }

  /** @throws AppError organization_not_found, invalid_request for a subuser's region */
  async update(
    id: string,
    change: Partial<OrganizationLimits>,
    requestId: string,
  ): Promise<OrganizationRecord> {
    return await this.#storage.transaction(async (stores) => {
      const before = await held(stores, id);
      const { tier, segmentIntegrationLimit, region } = { ...before, ...change };
      if (before.parentId !== null && region !== before.region) {
        throw invalid(['region'], 'A subuser has the region of its parent');
      }
      const after = { tier, segmentIntegrationLimit, region };
      const changed = Object.entries(after).filter(([name, value]) => Reflect.get(before, name) !== value);
      if (changed.length === 0) return before;
      await stores.tenants.update(id, after);
      const details = Object.fromEntries(
        changed.map(([name, value]) => [
          wireNames[name] ?? name,
          { from: Reflect.get(before, name), to: value },
        ]),
      );
      await stores.audit.append(entry(id, requestId, { action: 'organization.updated', details }));
      return { ...before, ...after };
    });
  }

  /** A key as the first one was, for who has lost that. @throws AppError organization_not_found */
  async createKey(id: string, style: KeyStyle, requestId: string): Promise<NewFirstKey> {
    return await this.#storage.transaction(async (stores) => {
      await held(stores, id);
      const key = style === 'role' ? await createRoleKey(stores, id) : await createSendGridKey(stores, id);
      const details = { name: keyName, style };
      const target = { type: 'api_key', id: key.id } as const;
      await stores.audit.append(entry(id, requestId, { action: 'api_key.created', details, target }));
      return { ...key, style };
    });
  }
}

const keyName = 'Key by the operator';

const wireNames: Readonly<Record<string, string>> = { segmentIntegrationLimit: 'segment_integration_limit' };

async function held(stores: Transaction, id: string): Promise<OrganizationRecord> {
  const organization = organizationIdForm.test(id) ? await stores.tenants.lock(id) : undefined;
  if (organization === undefined) throw new AppError({ code: 'organization_not_found', id });
  return organization;
}

async function createRoleKey(stores: Transaction, organizationId: string) {
  const key = newRoleKey();
  const { id } = await stores.roleKeys.create({
    id: newApiKeyId(),
    organizationId,
    lookup: key.lookup,
    secretHash: hashToken(key.token),
    prefix: prefixOf(key),
    name: keyName,
    role: 'admin',
    userId: newUserId(),
    expiresAt: null,
  });
  return { id, token: new Secret(key.token) };
}

async function createSendGridKey(stores: Transaction, organizationId: string) {
  const key = newSendGridKey();
  const wish = { id: key.id, name: keyName, grant: { kind: 'full' } } as const;
  await stores.apiKeys.create(organizationId, wish, hashToken(key.token));
  return { id: key.id, token: new Secret(key.token) };
}

interface Act {
  readonly action: AuditAction;
  readonly details: AuditEntry['details'];
  /** Otherwise the organization itself. */
  readonly target?: AuditEntry['target'];
}

function entry(organizationId: string, requestId: string, { action, details, target }: Act): AuditEntry {
  return {
    organizationId,
    // the operator belongs to no organization; the log is that of the one it happened to
    actor: { type: 'system', id: 'operator', organizationId },
    requestId,
    action,
    target: target ?? { type: 'organization', id: organizationId },
    details,
  };
}
