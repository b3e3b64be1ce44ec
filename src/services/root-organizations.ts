/** Organizations without a parent: the one of the first start, and further ones that an operator adds. */
import type { AuditEntry } from '../core/audit.ts';
import { newOrganizationId, newRequestId } from '../core/ids.ts';
import type { Region } from '../core/principal.ts';
import { Secret } from '../core/secret.ts';
import { hashToken, newSendGridKey, type SendGridKey } from '../core/sendgrid-key.ts';
import type { Storage, Stores } from '../storage/storage.ts';
import type { Vault } from '../vault/vault.ts';

export interface BootstrapOptions {
  /** Undefined: a random one. */
  readonly organizationId: string | undefined;
  /** Undefined: a random one. */
  readonly sendGridKey: SendGridKey | undefined;
}

export interface OrganizationDefaults {
  readonly region: Region;
  readonly segmentIntegrationLimit: number;
}

export interface FirstStart {
  readonly organizationId: string;
  /** Undefined where the environment gave the key: a given key is never shown. */
  readonly newSendGridKey: Secret | undefined;
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
      await insert(stores, root, 'first_start');
      return {
        organizationId: root.id,
        newSendGridKey: options.sendGridKey === undefined ? new Secret(root.key.token) : undefined,
      };
    });
  }

  /** Adds an organization with a first key of full access. */
  async create(): Promise<{ readonly organizationId: string; readonly sendGridKey: Secret }> {
    const root = await this.#prepare({ organizationId: undefined, sendGridKey: undefined });
    await this.#storage.transaction(async (stores) => await insert(stores, root, 'operator'));
    return { organizationId: root.id, sendGridKey: new Secret(root.key.token) };
  }

  async #prepare({ organizationId, sendGridKey }: BootstrapOptions): Promise<Root> {
    const id = organizationId ?? newOrganizationId();
    return {
      ...this.#defaults,
      id,
      key: sendGridKey ?? newSendGridKey(),
      dataKey: await this.#vault.createDataKey(id),
    };
  }
}

interface Root extends OrganizationDefaults {
  readonly id: string;
  readonly key: SendGridKey;
  readonly dataKey: string;
}

async function insert(stores: Stores, { key, ...organization }: Root, actorId: string): Promise<void> {
  const { id } = organization;
  await stores.organizations.create({ ...organization, username: id, email: null, parentId: null });
  const firstKey = { id: key.id, name: 'First key', grant: { kind: 'full' } } as const;
  await stores.apiKeys.create(id, firstKey, hashToken(key.token));
  await stores.audit.append(entry(id, actorId, key.id));
}

function entry(organizationId: string, actorId: string, apiKeyId: string): AuditEntry {
  return {
    organizationId,
    actor: { type: 'system', id: actorId, organizationId },
    requestId: newRequestId(),
    action: 'organization.created',
    target: { type: 'organization', id: organizationId },
    details: { api_key: apiKeyId },
  };
}
