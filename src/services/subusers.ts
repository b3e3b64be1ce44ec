/** Subusers: organizations below a parent, which acts for them with its own keys. One level deep. */
import { auditEntry } from '../core/audit.ts';
import { AppError } from '../core/errors.ts';
import { newOrganizationId } from '../core/ids.ts';
import type { Caller, Region } from '../core/principal.ts';
import type { Subuser } from '../storage/organization-store.ts';
import type { Stores } from '../storage/storage.ts';
import type { Vault } from '../vault/vault.ts';

export interface SubuserWish {
  readonly username: string;
  readonly email: string;
  /** Undefined: the parent's own. */
  readonly region: Region | undefined;
}

export class SubuserService {
  readonly #stores: Stores;
  readonly #vault: Vault;
  readonly #segmentIntegrationLimit: number;

  constructor(stores: Stores, vault: Vault, segmentIntegrationLimit: number) {
    this.#stores = stores;
    this.#vault = vault;
    this.#segmentIntegrationLimit = segmentIntegrationLimit;
  }

  /** @throws AppError username_taken, permission_denied for a subuser that asks for one of its own */
  async create(caller: Caller, wish: SubuserWish): Promise<Subuser & { readonly region: Region }> {
    const parent = caller.organization;
    if (parent.parentId !== null) throw new AppError({ code: 'permission_denied' });
    const id = newOrganizationId();
    const region = wish.region ?? parent.region;
    const dataKey = await this.#vault.createDataKey(id);
    const { username, email } = wish;
    const segmentIntegrationLimit = this.#segmentIntegrationLimit;
    const userId = await this.#stores.transaction(async (stores) => {
      const created = await stores.organizations.create({
        id,
        username,
        email,
        region,
        dataKey,
        segmentIntegrationLimit,
        parentId: parent.id,
      });
      if (created === undefined) throw new AppError({ code: 'username_taken' });
      const target = { type: 'organization', id } as const;
      await stores.audit.append(auditEntry(caller, 'organization.created', target, { username, region }));
      return created;
    });
    return { userId, username, email, region };
  }

  /** By user id, so in the order of creation. */
  async list(
    caller: Caller,
    query: { readonly username: string | undefined; readonly limit: number; readonly offset: number },
  ): Promise<readonly Subuser[]> {
    return await this.#stores.organizations.listSubusers({ parentId: caller.organization.id, ...query });
  }
}
