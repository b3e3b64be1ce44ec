/** Organizations without a parent: the one of the first start, and further ones that an operator adds. */
import type { AuditEntry } from '../core/audit.ts';
import { newApiKeyId, newEventSourceId, newOrganizationId, newRequestId, newUserId } from '../core/ids.ts';
import type { OrganizationLimits } from '../core/organization.ts';
import type { Region, Tier } from '../core/principal.ts';
import { newRoleKey, prefixOf, type RoleKey } from '../core/role-key.ts';
import { Secret } from '../core/secret.ts';
import { hashToken, newSendGridKey, type SendGridKey } from '../core/sendgrid-key.ts';
import type { Storage, Stores } from '../storage/storage.ts';
import type { Vault } from '../vault/vault.ts';

export interface BootstrapOptions {
  /** Undefined: a random one. */
  readonly organizationId: string | undefined;
  /** Undefined: a random one. */
  readonly sendGridKey: SendGridKey | undefined;
  /** Undefined: a random one. */
  readonly roleKey: RoleKey | undefined;
  /** Undefined: a random one. */
  readonly eventSourceId: string | undefined;
}

export interface OrganizationDefaults {
  readonly region: Region;
  readonly segmentIntegrationLimit: number;
}

export interface FirstStart {
  readonly organizationId: string;
  /** Undefined where the environment gave the key: a given key is never shown. */
  readonly newSendGridKey: Secret | undefined;
  readonly newRoleKey: Secret | undefined;
  readonly eventSourceId: string;
}

export interface NewRootOrganization {
  readonly organizationId: string;
  readonly sendGridKey: Secret;
  readonly roleKey: Secret;
  readonly eventSourceId: string;
}

export class RootOrganizationService {
  readonly #storage: Storage;
  readonly #vault: Vault;
  readonly #defaults: OrganizationDefaults;

  constructor(storage: Storage, vault: Vault, defaults: OrganizationDefaults) {
    this.#storage = storage;
    this.#vault = vault;
    this.#defaults = defaults;
  }

  /** @returns undefined on every start but the first one; of processes that start together, one is the first. */
  async bootstrap(options: BootstrapOptions): Promise<FirstStart | undefined> {
    const root = await this.#prepare(options);
    return await this.#storage.transaction(async (stores) => {
      if (!(await stores.organizations.isFirstStart())) return undefined;
      await insert(stores, root, { actorId: 'first_start', requestId: newRequestId() });
      return {
        organizationId: root.id,
        newSendGridKey: options.sendGridKey === undefined ? new Secret(root.key.token) : undefined,
        eventSourceId: root.sourceId,
        newRoleKey: options.roleKey === undefined ? new Secret(root.roleKey.token) : undefined,
      };
    });
  }

  /** Adds an organization with a first key of either style. */
  async create(
    limits: Partial<OrganizationLimits> = {},
    requestId = newRequestId(),
  ): Promise<NewRootOrganization> {
    const prepared = await this.#prepare({
      organizationId: undefined,
      sendGridKey: undefined,
      roleKey: undefined,
      eventSourceId: undefined,
    });
    const root = { ...prepared, ...limits };
    const origin = { actorId: 'operator', requestId };
    await this.#storage.transaction(async (stores) => await insert(stores, root, origin));
    return {
      organizationId: root.id,
      sendGridKey: new Secret(root.key.token),
      roleKey: new Secret(root.roleKey.token),
      eventSourceId: root.sourceId,
    };
  }

  async #prepare({ organizationId, sendGridKey, roleKey, eventSourceId }: BootstrapOptions): Promise<Root> {
    const id = organizationId ?? newOrganizationId();
    return {
      ...this.#defaults,
      id,
      key: sendGridKey ?? newSendGridKey(),
      roleKey: roleKey ?? newRoleKey(),
      sourceId: eventSourceId ?? newEventSourceId(),
      dataKey: await this.#vault.createDataKey(id),
    };
  }
}

interface Root extends OrganizationDefaults {
  /** Undefined: as the database has it for new ones. */
  readonly tier?: Tier;
  readonly id: string;
  readonly key: SendGridKey;
  readonly roleKey: RoleKey;
  readonly sourceId: string;
  readonly dataKey: string;
}

interface Origin {
  readonly actorId: string;
  readonly requestId: string;
}

async function insert(stores: Stores, root: Root, origin: Origin): Promise<void> {
  const { key, roleKey, sourceId, ...organization } = root;
  const { id } = organization;
  await stores.organizations.create({ ...organization, username: id, email: null, parentId: null });
  const firstKey = { id: key.id, name: 'First key', grant: { kind: 'full' } } as const;
  await stores.apiKeys.create(id, firstKey, hashToken(key.token));
  const admin = await stores.roleKeys.create({
    id: newApiKeyId(),
    organizationId: id,
    lookup: roleKey.lookup,
    secretHash: hashToken(roleKey.token),
    prefix: prefixOf(roleKey),
    name: 'First key',
    role: 'admin',
    userId: newUserId(),
    expiresAt: null,
  });
  const source = { id: sourceId, organizationId: id, name: 'First source', publicKey: null };
  await stores.eventSources.create(source);
  await stores.audit.append(entry(id, origin, [key.id, admin.id]));
}

function entry(
  organizationId: string,
  { actorId, requestId }: Origin,
  apiKeyIds: readonly string[],
): AuditEntry {
  return {
    organizationId,
    actor: { type: 'system', id: actorId, organizationId },
    requestId,
    action: 'organization.created',
    target: { type: 'organization', id: organizationId },
    details: { api_keys: apiKeyIds },
  };
}
