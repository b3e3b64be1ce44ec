/**
 * Integrations, whatever the surface: the rules of creating, changing and, above all, removing them.
 * `providers` limits what a caller's surface can see; an integration of another provider does not exist there.
 */
import { type AuditEntry, auditEntry } from '../core/audit.ts';
import { AppError } from '../core/errors.ts';
import { isIntegrationId, newIntegrationId } from '../core/ids.ts';
import type { Integration, ProviderName } from '../core/integration.ts';
import type { Caller } from '../core/principal.ts';
import type { Secret } from '../core/secret.ts';
import type { IntegrationChange, NewIntegration, StoredIntegration } from '../storage/integration-store.ts';
import type { Storage, Stores } from '../storage/storage.ts';
import type { Vault } from '../vault/vault.ts';

/** An integration with its credentials opened: a JSON object in the provider's own form. */
export interface OpenedIntegration {
  readonly integration: Integration;
  readonly credentials: Secret;
}

export type IntegrationDraft = Omit<NewIntegration, 'id' | 'organizationId'> & {
  readonly credentials: Secret;
};

/** The state to reach. `credentials` undefined keeps the sealed ones untouched. */
export type IntegrationRevision = IntegrationChange & { readonly credentials: Secret | undefined };

export interface Removal {
  readonly ids: readonly string[];
  readonly providers: readonly ProviderName[];
  /** Answers as the removal would, and changes nothing. */
  readonly dryRun: boolean;
}

export class IntegrationService {
  readonly #storage: Storage;
  readonly #vault: Vault;

  constructor(storage: Storage, vault: Vault) {
    this.#storage = storage;
    this.#vault = vault;
  }

  /** Oldest first. */
  async list(caller: Caller, providers: readonly ProviderName[]): Promise<readonly OpenedIntegration[]> {
    const stored = await this.#storage.integrations.list(caller.organization.id, providers);
    return await Promise.all(stored.map((each) => this.#open(caller, each)));
  }

  /** @throws AppError integrations_not_found */
  async get(caller: Caller, id: string, providers: readonly ProviderName[]): Promise<OpenedIntegration> {
    const stored = isIntegrationId(id)
      ? await this.#storage.integrations.find(caller.organization.id, id, providers)
      : undefined;
    if (stored === undefined) throw notFound([id]);
    return await this.#open(caller, stored);
  }

  /** @throws AppError integration_limit_reached */
  async create(caller: Caller, draft: IntegrationDraft): Promise<OpenedIntegration> {
    const { credentials, ...values } = draft;
    for (;;) {
      const fresh = { ...values, id: newIntegrationId(), organizationId: caller.organization.id };
      const sealed = await this.#seal(caller, fresh.id, credentials);
      const integration = await this.#storage.transaction(async (stores) => {
        await requireRoom(stores, fresh);
        const inserted = await stores.integrations.insert(fresh, sealed);
        if (inserted !== undefined) {
          await stores.audit.append(entry(caller, 'integration.created', inserted, describe(inserted)));
        }
        return inserted;
      });
      // 48 random bits: another integration has this id about never, and then the next one is drawn
      if (integration !== undefined) return { integration, credentials };
    }
  }

  /**
   * Changes an integration while nobody else does. `revise` is given the current state and answers the one to
   * reach, or undefined where that is the same; then nothing is written.
   * @throws AppError integrations_not_found
   */
  async update(
    caller: Caller,
    { id, providers }: { readonly id: string; readonly providers: readonly ProviderName[] },
    revise: (current: OpenedIntegration) => IntegrationRevision | undefined,
  ): Promise<OpenedIntegration> {
    if (!isIntegrationId(id)) throw notFound([id]);
    return await this.#storage.transaction(async (stores) => {
      const stored = await stores.integrations.lock(caller.organization.id, id, providers);
      if (stored === undefined) throw notFound([id]);
      const current = await this.#open(caller, stored);
      const revision = revise(current);
      if (revision === undefined) return current;
      const { credentials } = revision;
      const sealed = credentials && (await this.#seal(caller, id, credentials));
      const integration = await stores.integrations.update(stored.integration, revision, sealed);
      const details = { ...describe(integration), credentials_replaced: credentials !== undefined };
      await stores.audit.append(entry(caller, 'integration.updated', integration, details));
      return { integration, credentials: credentials ?? current.credentials };
    });
  }

  /**
   * Removes integrations with their sealed credentials: all of them, or none and every reason.
   * A repeated id counts once.
   * @returns what was (or would be) removed, by id. @throws AppError integrations_not_found
   */
  async remove(caller: Caller, { ids, providers, dryRun }: Removal): Promise<readonly Integration[]> {
    const wanted = [...new Set(ids)];
    const wellFormed = wanted.filter(isIntegrationId);
    const { id: organizationId } = caller.organization;
    if (dryRun || wellFormed.length < wanted.length) {
      const found = await this.#storage.integrations.findAll(organizationId, wellFormed, providers);
      requireAll(wanted, found);
      return found;
    }
    return await this.#storage.transaction(async (stores) => {
      const found = await stores.integrations.lockAll(organizationId, wanted, providers);
      requireAll(wanted, found);
      await stores.integrations.delete(organizationId, wanted);
      const entries = found.map((each) => entry(caller, 'integration.deleted', each, describe(each)));
      const [first, ...others] = entries;
      if (first !== undefined) await stores.audit.append(first, ...others);
      return found;
    });
  }

  async #open(caller: Caller, { integration, sealed }: StoredIntegration): Promise<OpenedIntegration> {
    const binding = { organizationId: integration.organizationId, recordId: integration.id };
    return { integration, credentials: await this.#vault.open(caller.organization.dataKey, binding, sealed) };
  }

  async #seal(caller: Caller, id: string, credentials: Secret): Promise<string> {
    const binding = { organizationId: caller.organization.id, recordId: id };
    return await this.#vault.seal(caller.organization.dataKey, binding, credentials);
  }
}

/** Holds the organization while it counts, so that two creations cannot both take the last place. */
async function requireRoom(stores: Stores, { organizationId, provider }: NewIntegration): Promise<void> {
  if (provider !== 'segment') return;
  const { segmentIntegrationLimit: limit } = await stores.organizations.lock(organizationId);
  if ((await stores.integrations.count(organizationId, provider)) >= limit) {
    throw new AppError({ code: 'integration_limit_reached', limit });
  }
}

function requireAll(wanted: readonly string[], found: readonly Integration[]): void {
  const known = new Set(found.map((each) => each.id));
  const unknown = wanted.filter((id) => !known.has(id));
  if (unknown.length > 0) throw notFound(unknown);
}

function notFound(ids: readonly string[]): AppError {
  return new AppError({ code: 'integrations_not_found', ids });
}

function entry(
  caller: Caller,
  action: AuditEntry['action'],
  { id }: Integration,
  details: AuditEntry['details'],
): AuditEntry {
  return auditEntry(caller, action, { type: 'integration', id }, details);
}

function describe({ provider, name, emailEvents, settings }: Integration): AuditEntry['details'] {
  return { provider, name, email_events: emailEvents, settings };
}
