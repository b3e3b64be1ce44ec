/** Phone numbers: imported, reassigned, removed. Whoever refers to an integration holds it first, then the number. */
import { auditEntry } from '../core/audit.ts';
import { AppError, invalid } from '../core/errors.ts';
import { isIntegrationId, newPhoneNumberId } from '../core/ids.ts';
import type { Page, PageRequest } from '../core/page.ts';
import type { PhoneNumber, PhoneNumberProvider, SipSettings } from '../core/phone-number.ts';
import type { Caller } from '../core/principal.ts';
import { Secret } from '../core/secret.ts';
import type { Catalog } from '../providers/catalog.ts';
import type { PhoneNumberChange, PhoneNumberFilter } from '../storage/phone-number-store.ts';
import type { Stores, Transaction } from '../storage/storage.ts';
import type { Vault } from '../vault/vault.ts';

export interface PhoneNumberDraft {
  readonly phoneNumber: string;
  readonly supportsInbound: boolean;
  readonly supportsOutbound: boolean;
  readonly connection:
    | { readonly provider: 'twilio'; readonly integrationId: string }
    | { readonly provider: 'sip'; readonly settings: SipSettings; readonly secrets: Secret };
}

/** What is undefined stays as it is. */
export type PhoneNumberRevision = {
  readonly [K in keyof PhoneNumberChange]?: PhoneNumberChange[K] | undefined;
};

export class PhoneNumberService {
  readonly #stores: Stores;
  readonly #vault: Vault;
  readonly #catalog: Catalog;

  constructor(stores: Stores, vault: Vault, catalog: Catalog) {
    this.#stores = stores;
    this.#vault = vault;
    this.#catalog = catalog;
  }

  /** Newest first. */
  async page(caller: Caller, filter: PhoneNumberFilter, request: PageRequest): Promise<Page<PhoneNumber>> {
    return await this.#stores.phoneNumbers.page(caller.organization.id, filter, request);
  }

  /** @throws AppError phone_number_not_found */
  async get(caller: Caller, id: string): Promise<PhoneNumber> {
    return found(id, await this.#stores.phoneNumbers.find(caller.organization.id, id));
  }

  /** @throws AppError integrations_not_found, phone_number_integration_unusable, phone_number_taken */
  async import(caller: Caller, draft: PhoneNumberDraft): Promise<PhoneNumber> {
    const id = newPhoneNumberId();
    const { connection, ...values } = draft;
    const sealed = await this.#seal(caller, id, connection);
    return await this.#stores.transaction(async (stores) => {
      const { provider } = connection;
      const integrationId = provider === 'twilio' ? connection.integrationId : null;
      if (integrationId !== null) await this.#requireUsable(stores, caller, { integrationId, provider });
      const sip = provider === 'sip' ? JSON.stringify(connection.settings) : null;
      const organizationId = caller.organization.id;
      const number = { ...values, id, organizationId, provider, integrationId, sip, sealed };
      const inserted = await stores.phoneNumbers.insert(number);
      if (inserted === undefined) throw new AppError({ code: 'phone_number_taken' });
      await stores.audit.append(entry(caller, 'phone_number.created', inserted));
      return inserted;
    });
  }

  /** @throws AppError phone_number_not_found, integrations_not_found, phone_number_integration_unusable */
  async update(caller: Caller, id: string, revision: PhoneNumberRevision): Promise<PhoneNumber> {
    return await this.#stores.transaction(async (stores) => {
      // existence before the target's: a stranger's number is unknown, whatever else was asked for
      const before = found(id, await stores.phoneNumbers.find(caller.organization.id, id));
      const { integrationId } = revision;
      const { provider } = before;
      if (integrationId !== undefined && integrationId !== null) {
        await this.#requireUsable(stores, caller, { integrationId, provider });
      }
      const current = found(id, await stores.phoneNumbers.lock(caller.organization.id, id));
      const next = merge(current, revision);
      if (next.supportsOutbound && !current.outboundReady) throw notReady();
      if (isSame(current, next)) return current;
      const updated = await stores.phoneNumbers.update(current, next);
      const moved = current.integrationId !== updated.integrationId;
      const details = moved ? { from: current.integrationId, to: updated.integrationId } : {};
      const action = moved ? 'phone_number.reassigned' : 'phone_number.updated';
      await stores.audit.append(entry(caller, action, updated, details));
      return updated;
    });
  }

  /** @returns the number that is gone. @throws AppError phone_number_not_found */
  async delete(caller: Caller, id: string): Promise<PhoneNumber> {
    return await this.#stores.transaction(async (stores) => {
      const deleted = found(id, await stores.phoneNumbers.delete(caller.organization.id, id));
      await stores.audit.append(entry(caller, 'phone_number.deleted', deleted));
      return deleted;
    });
  }

  /** Keeps the integration from being deleted while something comes to refer to it. */
  async #requireUsable(
    stores: Transaction,
    caller: Caller,
    { integrationId, provider }: { readonly integrationId: string; readonly provider: PhoneNumberProvider },
  ): Promise<void> {
    const integration = isIntegrationId(integrationId)
      ? await stores.integrations.share(caller.organization.id, integrationId)
      : undefined;
    if (integration === undefined) {
      throw new AppError({ code: 'integrations_not_found', ids: [integrationId], uses: [] });
    }
    if (!this.#catalog.get(integration.provider).referredToBy.includes(provider)) {
      throw new AppError({ code: 'phone_number_integration_unusable', provider });
    }
  }

  async #seal(
    caller: Caller,
    id: string,
    connection: PhoneNumberDraft['connection'],
  ): Promise<string | null> {
    if (connection.provider !== 'sip') return null;
    const { id: organizationId, dataKey } = caller.organization;
    return await this.#vault.seal(dataKey, { organizationId, recordId: id }, connection.secrets);
  }
}

function notReady(): AppError {
  return invalid(
    ['supports_outbound'],
    'The SIP trunk was imported without what outbound calls need: remove the number, and import it again with all four fields of the trunk',
  );
}

function merge(current: PhoneNumber, revision: PhoneNumberRevision): PhoneNumberChange {
  const { supportsInbound, supportsOutbound, integrationId, assignedAgentId } = revision;
  return {
    supportsInbound: supportsInbound ?? current.supportsInbound,
    supportsOutbound: supportsOutbound ?? current.supportsOutbound,
    integrationId: integrationId === undefined ? current.integrationId : integrationId,
    assignedAgentId: assignedAgentId === undefined ? current.assignedAgentId : assignedAgentId,
  };
}

function isSame(current: PhoneNumber, next: PhoneNumberChange): boolean {
  return (
    current.supportsInbound === next.supportsInbound &&
    current.supportsOutbound === next.supportsOutbound &&
    current.integrationId === next.integrationId &&
    current.assignedAgentId === next.assignedAgentId
  );
}

function found(id: string, number: PhoneNumber | undefined): PhoneNumber {
  if (number === undefined) throw new AppError({ code: 'phone_number_not_found', id });
  return number;
}

function entry(
  caller: Caller,
  action:
    | 'phone_number.created'
    | 'phone_number.updated'
    | 'phone_number.reassigned'
    | 'phone_number.deleted',
  number: PhoneNumber,
  more: Readonly<Record<string, unknown>> = {},
) {
  const { id, phoneNumber, provider, integrationId } = number;
  const details = { phone_number: phoneNumber, provider, integration_id: integrationId, ...more };
  return auditEntry(caller, action, { type: 'phone_number', id }, details);
}
