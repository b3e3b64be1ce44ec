/** SendGrid-style API keys of an organization. The secret is shown once and kept as a hash only. */

import type { ApiKey, NewApiKey } from '../core/api-key.ts';
import { type AuditAction, type AuditEntry, auditEntry } from '../core/audit.ts';
import { AppError, type KeyRefusal } from '../core/errors.ts';
import type { RoleCaller, ScopedCaller } from '../core/principal.ts';
import { delegate, type Grant, knownScopes, listScopes } from '../core/scopes.ts';
import { Secret } from '../core/secret.ts';
import { hashToken, newSendGridKey, sendGridKeyIdForm } from '../core/sendgrid-key.ts';
import type { Stores } from '../storage/storage.ts';
import { requireKeyManagement } from './role-keys.ts';
import { requireStandingKey } from './standing-key.ts';

/** The API's own limit (contract: sendgrid, section 4). */
const keysPerOrganization = 100;

export interface ApiKeyWish {
  readonly name: string;
  /** Undefined asks for everything that the caller has. */
  readonly scopes?: readonly string[] | undefined;
}

/** Nothing that reaches beyond the organization, which no role does: neither subusers, nor keys that could have them. */
const agentManagerGrant: Grant = {
  kind: 'scopes',
  scopes: knownScopes.filter((scope) => scope.startsWith('marketing')),
};

/** Who manages keys on the Butter surface, with what they may hand out here. @throws AppError key_management_denied */
export function keyManager(caller: RoleCaller, refusal: KeyRefusal): ScopedCaller {
  requireKeyManagement(caller, refusal);
  return { ...caller, grant: caller.role === 'admin' ? { kind: 'full' } : agentManagerGrant };
}

/** Nobody handles a key that may do more than they can hand out. @throws AppError key_management_denied */
export function requireWithin(manager: ScopedCaller, grant: Grant): void {
  const isWithin =
    grant.kind === 'full'
      ? manager.grant.kind === 'full'
      : delegate(manager.grant, grant.scopes) !== undefined;
  if (!isWithin) throw new AppError({ code: 'key_management_denied', refusal: 'above_own_role' });
}

export class ApiKeyService {
  readonly #stores: Stores;

  constructor(stores: Stores) {
    this.#stores = stores;
  }

  /** @throws AppError permission_denied, api_key_limit_reached */
  async create(
    caller: ScopedCaller,
    wish: ApiKeyWish,
  ): Promise<{ readonly key: ApiKey; readonly token: Secret }> {
    const { id, token } = newSendGridKey();
    const wanted = { id, name: wish.name, grant: requireDelegation(caller, wish.scopes) };
    const key = await this.#stores.transaction(async (stores) => {
      await requireStandingKey(stores, caller);
      await stores.organizations.lock(caller.organization.id);
      if ((await stores.apiKeys.count(caller.organization.id)) >= keysPerOrganization) {
        throw new AppError({ code: 'api_key_limit_reached', limit: keysPerOrganization });
      }
      const created = await stores.apiKeys.create(caller.organization.id, wanted, hashToken(token));
      await stores.audit.append(entry(caller, 'api_key.created', created));
      return created;
    });
    return { key, token: new Secret(token) };
  }

  /** Oldest first. */
  async list(caller: ScopedCaller): Promise<readonly ApiKey[]> {
    return await this.#stores.apiKeys.list(caller.organization.id);
  }

  /** @throws AppError api_key_not_found */
  async get(caller: ScopedCaller, id: string): Promise<ApiKey> {
    requireKeyId(id);
    return found(id, await this.#stores.apiKeys.find(caller.organization.id, id));
  }

  /** @throws AppError api_key_not_found */
  async rename(caller: ScopedCaller, id: string, name: string): Promise<ApiKey> {
    return await this.#update(caller, id, { name });
  }

  /** Replaces name and grant. @throws AppError permission_denied, api_key_not_found */
  async replace(caller: ScopedCaller, id: string, wish: ApiKeyWish): Promise<ApiKey> {
    return await this.#update(caller, id, {
      name: wish.name,
      grant: requireDelegation(caller, wish.scopes),
    });
  }

  /** From the answer on, no process accepts the key. @throws AppError api_key_not_found */
  async delete(caller: ScopedCaller, id: string): Promise<void> {
    requireKeyId(id);
    await this.#stores.transaction(async (stores) => {
      const key = found(id, await stores.apiKeys.find(caller.organization.id, id));
      if (!(await stores.apiKeys.delete(caller.organization.id, id))) throw notFound(id);
      await stores.audit.append(entry(caller, 'api_key.deleted', key));
    });
  }

  async #update(
    caller: ScopedCaller,
    id: string,
    change: { readonly name: string; readonly grant?: Grant },
  ): Promise<ApiKey> {
    requireKeyId(id);
    return await this.#stores.transaction(async (stores) => {
      const key = found(id, await stores.apiKeys.update(caller.organization.id, id, change));
      await stores.audit.append(entry(caller, 'api_key.updated', key));
      return key;
    });
  }
}

/** @throws AppError api_key_not_found */
function requireKeyId(id: string): void {
  if (!sendGridKeyIdForm.test(id)) throw notFound(id);
}

function requireDelegation(caller: ScopedCaller, scopes: readonly string[] | undefined): Grant {
  const grant = delegate(caller.grant, scopes);
  if (grant === undefined) throw new AppError({ code: 'permission_denied' });
  return grant;
}

function found(id: string, key: ApiKey | undefined): ApiKey {
  if (key === undefined) throw notFound(id);
  return key;
}

function notFound(id: string): AppError {
  return new AppError({ code: 'api_key_not_found', id });
}

function entry(caller: ScopedCaller, action: AuditAction, { id, name, grant }: NewApiKey): AuditEntry {
  const details = { name, full_access: grant.kind === 'full', scopes: listScopes(grant) };
  return auditEntry(caller, action, { type: 'api_key', id }, details);
}
