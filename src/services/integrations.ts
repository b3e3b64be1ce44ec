/**
 * Integrations, whatever the surface: the rules of creating and changing them. Removing is in removal.ts.
 * `providers` limits what a caller's surface can see; an integration of another provider does not exist there.
 */
import { type AuditEntry, auditEntry } from '../core/audit.ts';
import { type EmailEvent, kindsOf } from '../core/email-event.ts';
import { AppError } from '../core/errors.ts';
import { isIntegrationId, newIntegrationId } from '../core/ids.ts';
import type { Integration, ProviderName } from '../core/integration.ts';
import type { IntegrationList, IntegrationListRequest } from '../core/integration-list.ts';
import type { Caller } from '../core/principal.ts';
import type { Secret } from '../core/secret.ts';
import type { Catalog } from '../providers/catalog.ts';
import type {
  IntegrationChange,
  NewIntegration,
  SealedCredentials,
  StoredIntegration,
} from '../storage/integration-store.ts';
import type { Stores } from '../storage/storage.ts';
import type { Vault } from '../vault/vault.ts';
import type { VerificationService } from './verification.ts';

/** An integration with its credentials opened: a JSON object in the provider's own form. */
export interface OpenedIntegration {
  readonly integration: Integration;
  readonly credentials: Secret;
}

export type IntegrationDraft = Omit<NewIntegration, 'id' | 'organizationId'> & {
  readonly credentials: Secret;
  /** Events that came in since then are forwarded too; undefined: only those to come. */
  readonly startFrom?: Date | undefined;
};

/** The state to reach. `credentials` undefined keeps the sealed ones untouched. */
export type IntegrationRevision = IntegrationChange & { readonly credentials: Secret | undefined };

export interface IntegrationReference {
  readonly id: string;
  readonly providers: readonly ProviderName[];
  /** The version the caller has seen; undefined: any. */
  readonly ifVersion?: readonly number[] | undefined;
}

export interface IntegrationParts {
  readonly stores: Stores;
  readonly vault: Vault;
  readonly catalog: Catalog;
  readonly verification: VerificationService;
}

export class IntegrationService {
  readonly #parts: IntegrationParts;

  constructor(parts: IntegrationParts) {
    this.#parts = parts;
  }

  /** Oldest first. */
  async list(caller: Caller, providers: readonly ProviderName[]): Promise<readonly OpenedIntegration[]> {
    const stored = await this.#parts.stores.integrations.list(caller.organization.id, providers);
    return await Promise.all(stored.map((each) => this.#open(caller, each)));
  }

  /** One page, without credentials. */
  async page(caller: Caller, request: IntegrationListRequest): Promise<IntegrationList> {
    return await this.#parts.stores.integrationList.page(caller.organization.id, request);
  }

  /** @throws AppError integrations_not_found */
  async get(caller: Caller, reference: IntegrationReference): Promise<OpenedIntegration> {
    return await this.#open(caller, await this.#find(caller, reference));
  }

  /** As get, without opening the credentials. @throws AppError integrations_not_found */
  async describe(caller: Caller, reference: IntegrationReference): Promise<Integration> {
    return (await this.#find(caller, reference)).integration;
  }

  /** @throws AppError integration_limit_reached */
  async create(caller: Caller, draft: IntegrationDraft): Promise<OpenedIntegration> {
    const { credentials, startFrom: from, ...values } = draft;
    for (;;) {
      const fresh = { ...values, id: newIntegrationId(), organizationId: caller.organization.id };
      const sealed = await this.#seal(caller, fresh, credentials);
      const integration = await this.#parts.stores.transaction(async (stores) => {
        await requireRoom(stores, fresh);
        const inserted = await stores.integrations.insert(fresh, sealed);
        if (inserted === undefined) return undefined;
        if (takesEmailEvents(this.#parts.catalog, inserted)) {
          const { organizationId, id: integrationId, emailEvents } = inserted;
          await stores.deliveries.start({ organizationId, integrationId, kinds: kindsOf(emailEvents), from });
        }
        await stores.audit.append(entry(caller, 'integration.created', inserted));
        stores.afterCommit(async () => this.#parts.verification.wake());
        return inserted;
      });
      // 48 random bits: another integration has this id about never, and then the next one is drawn
      if (integration !== undefined) return { integration, credentials };
    }
  }

  /**
   * Changes an integration while nobody else does. `revise` is given the current state and answers the one to
   * reach, or undefined where that is the same; then nothing is written.
   * @throws AppError integrations_not_found, integration_changed
   */
  async update(
    caller: Caller,
    { id, providers, ifVersion }: IntegrationReference,
    revise: (current: OpenedIntegration) => IntegrationRevision | undefined,
  ): Promise<OpenedIntegration> {
    if (!isIntegrationId(id)) throw notFound(id);
    return await this.#parts.stores.transaction(async (stores) => {
      const stored = await stores.integrations.lock(caller.organization.id, id, providers);
      if (stored === undefined) throw notFound(id);
      requireVersion(stored.integration, ifVersion);
      const current = await this.#open(caller, stored);
      const revision = revise(current);
      if (revision === undefined) return current;
      const { credentials } = revision;
      const sealed = credentials && (await this.#seal(caller, stored.integration, credentials));
      const integration = await stores.integrations.update(stored.integration, revision, sealed);
      if (!isSameSet(stored.integration.emailEvents, integration.emailEvents)) {
        const { organizationId, emailEvents } = integration;
        await stores.deliveries.changeFilter(organizationId, id, kindsOf(emailEvents));
      }
      const details = { credentials_replaced: credentials !== undefined };
      await stores.audit.append(entry(caller, 'integration.updated', integration, details));
      stores.afterCommit(async () => this.#parts.verification.wake());
      return { integration, credentials: credentials ?? current.credentials };
    });
  }

  async #find(caller: Caller, { id, providers }: IntegrationReference): Promise<StoredIntegration> {
    const stored = isIntegrationId(id)
      ? await this.#parts.stores.integrations.find(caller.organization.id, id, providers)
      : undefined;
    if (stored === undefined) throw notFound(id);
    return stored;
  }

  async #open(caller: Caller, { integration, sealed }: StoredIntegration): Promise<OpenedIntegration> {
    const binding = { organizationId: integration.organizationId, recordId: integration.id };
    const credentials = await this.#parts.vault.open(caller.organization.dataKey, binding, sealed);
    return { integration, credentials };
  }

  async #seal(
    caller: Caller,
    { id, provider }: Pick<Integration, 'id' | 'provider'>,
    credentials: Secret,
  ): Promise<SealedCredentials> {
    const { vault, catalog } = this.#parts;
    const binding = { organizationId: caller.organization.id, recordId: id };
    const sealed = await vault.seal(caller.organization.dataKey, binding, credentials);
    return { sealed, verify: catalog.get(provider).verify !== undefined };
  }
}

/** Version numbers that a caller has seen, against the one that is. @throws AppError integration_changed */
export function requireVersion({ id, version }: Integration, seen: readonly number[] | undefined): void {
  if (seen !== undefined && !seen.includes(version)) throw new AppError({ code: 'integration_changed', id });
}

/** What the audit log says of an integration: everything but its credentials. */
export function entry(
  caller: Caller,
  action: AuditEntry['action'],
  { id, provider, name, emailEvents, settings }: Integration,
  more: AuditEntry['details'] = {},
): AuditEntry {
  const details = { provider, name, email_events: emailEvents, settings, ...more };
  return auditEntry(caller, action, { type: 'integration', id }, details);
}

/** Holds the organization while it counts, so that two creations cannot both take the last place. */
async function requireRoom(stores: Stores, { organizationId, provider }: NewIntegration): Promise<void> {
  if (provider !== 'segment') return;
  const { segmentIntegrationLimit: limit } = await stores.organizations.lock(organizationId);
  if ((await stores.integrations.count(organizationId, provider)) >= limit) {
    throw new AppError({ code: 'integration_limit_reached', limit });
  }
}

function takesEmailEvents(catalog: Catalog, { provider }: Integration): boolean {
  return catalog.get(provider).takesEmailEvents;
}

function isSameSet(a: readonly EmailEvent[], b: readonly EmailEvent[]): boolean {
  return kindsOf(a).join() === kindsOf(b).join();
}

function notFound(id: string): AppError {
  return new AppError({ code: 'integrations_not_found', ids: [id], uses: [] });
}
