/** Role keys: made, listed and revoked by admins and agent managers, never above their own role. */
import { auditEntry } from '../core/audit.ts';
import { AppError, type KeyRefusal } from '../core/errors.ts';
import { isApiKeyId, newApiKeyId } from '../core/ids.ts';
import type { RoleCaller } from '../core/principal.ts';
import type { RoleApiKey } from '../core/role-api-key.ts';
import { newRoleKey, prefixOf } from '../core/role-key.ts';
import { managesKeys, outranks, type Role } from '../core/roles.ts';
import { Secret } from '../core/secret.ts';
import { hashToken } from '../core/sendgrid-key.ts';
import type { Stores } from '../storage/storage.ts';
import { requireStandingKey } from './standing-key.ts';

export interface RoleKeyWish {
  readonly name: string;
  readonly role: Role;
  readonly expiresAt: Date | null;
}

/** @throws AppError key_management_denied. Asked before anything is looked up. */
export function requireKeyManagement(caller: RoleCaller, refusal: KeyRefusal): void {
  if (!managesKeys(caller.role)) throw new AppError({ code: 'key_management_denied', refusal });
}

export class RoleKeyService {
  readonly #stores: Stores;
  readonly #now: () => Date;

  constructor(stores: Stores, now: () => Date) {
    this.#stores = stores;
    this.#now = now;
  }

  /** @throws AppError key_management_denied */
  async create(
    caller: RoleCaller,
    wish: RoleKeyWish,
  ): Promise<{ readonly key: RoleApiKey; readonly token: Secret }> {
    requireKeyManagement(caller, 'create');
    requireOwnRole(caller, wish.role);
    const { lookup, token } = newRoleKey();
    const key = await this.#stores.transaction(async (stores) => {
      await requireStandingKey(stores, caller);
      const created = await stores.roleKeys.create({
        ...wish,
        id: newApiKeyId(),
        organizationId: caller.organization.id,
        lookup,
        secretHash: hashToken(token),
        prefix: prefixOf({ lookup, token }),
        userId: caller.userId,
      });
      await stores.audit.append(entry(caller, 'api_key.created', created));
      return created;
    });
    return { key, token: new Secret(token) };
  }

  /** Newest first, revoked ones included. @throws AppError key_management_denied */
  async list(caller: RoleCaller): Promise<readonly RoleApiKey[]> {
    requireKeyManagement(caller, 'list');
    return await this.#stores.roleKeys.list(caller.organization.id);
  }

  /** What revoke asks for before it changes anything. @throws AppError key_management_denied, api_key_not_found */
  async requireRevocable(caller: RoleCaller, id: string): Promise<void> {
    requireKeyManagement(caller, 'revoke');
    const key = isApiKeyId(id) ? await this.#stores.roleKeys.find(caller.organization.id, id) : undefined;
    if (key === undefined) throw new AppError({ code: 'api_key_not_found', id });
    requireOwnRole(caller, key.role);
  }

  /** Revoking a revoked key changes nothing. @throws AppError key_management_denied, api_key_not_found */
  async revoke(caller: RoleCaller, id: string): Promise<void> {
    requireKeyManagement(caller, 'revoke');
    if (!isApiKeyId(id)) throw new AppError({ code: 'api_key_not_found', id });
    await this.#stores.transaction(async (stores) => {
      const key = await stores.roleKeys.lock(caller.organization.id, id);
      if (key === undefined) throw new AppError({ code: 'api_key_not_found', id });
      requireOwnRole(caller, key.role);
      if (key.status === 'revoked') return;
      await stores.roleKeys.revoke(caller.organization.id, id, this.#now());
      await stores.audit.append(entry(caller, 'api_key.revoked', key));
    });
  }
}

/** Nobody handles a role above their own. @throws AppError key_management_denied */
export function requireOwnRole(caller: RoleCaller, role: Role): void {
  if (outranks(role, caller.role))
    throw new AppError({ code: 'key_management_denied', refusal: 'above_own_role' });
}

function entry(
  caller: RoleCaller,
  action: 'api_key.created' | 'api_key.revoked',
  { id, name, role }: RoleApiKey,
) {
  return auditEntry(caller, action, { type: 'api_key', id }, { name, role });
}
