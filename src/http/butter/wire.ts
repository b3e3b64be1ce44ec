/** The objects of this surface as they go out (contract: butter, sections 3 to 5 and 7). Credentials are in none of them. */
import type { ApiKey } from '../../core/api-key.ts';
import type { Integration } from '../../core/integration.ts';
import type { PhoneNumber } from '../../core/phone-number.ts';
import type { RoleApiKey } from '../../core/role-api-key.ts';
import { listScopes } from '../../core/scopes.ts';
import type { Catalog } from '../../providers/catalog.ts';

export type ToWire = (integration: Integration) => Readonly<Record<string, unknown>>;

export function integrationWriter(catalog: Catalog): ToWire {
  return (integration) => ({
    integration_id: integration.id,
    client_id: integration.organizationId,
    name: integration.name,
    provider: integration.provider,
    category: catalog.get(integration.provider).category,
    status: integration.status,
    created_at: timestamp(integration.createdAt),
    updated_at: timestamp(integration.updatedAt),
  });
}

export function phoneNumberToWire(number: PhoneNumber) {
  return {
    phone_number_id: number.id,
    phone_number: number.phoneNumber,
    provider: number.provider,
    status: number.assignedAgentId === null ? 'free' : 'assigned',
    supports_inbound: number.supportsInbound,
    supports_outbound: number.supportsOutbound,
    integration_id: number.integrationId,
    assigned_agent_id: number.assignedAgentId,
    created_at: timestamp(number.createdAt),
    updated_at: timestamp(number.updatedAt),
  };
}

export function apiKeyToWire(key: RoleApiKey) {
  return {
    key_id: key.id,
    name: key.name,
    role: key.role,
    prefix: key.prefix,
    client_id: key.organizationId,
    user_id: key.userId,
    status: key.status,
    created_at: timestamp(key.createdAt),
    last_used_at: key.lastUsedAt && timestamp(key.lastUsedAt),
    expires_at: key.expiresAt && timestamp(key.expiresAt),
  };
}

export function sendGridKeyToWire({ id, name, grant, createdAt, lastUsedAt }: ApiKey) {
  return {
    api_key_id: id,
    name,
    full_access: grant.kind === 'full',
    scopes: listScopes(grant),
    created_at: timestamp(createdAt),
    last_used_at: lastUsedAt && timestamp(lastUsedAt),
  };
}

/** ISO 8601, UTC, whole seconds. */
export function timestamp(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** The entity tag of an integration: its version. */
export function etagOf({ version }: Integration): string {
  return `"${version}"`;
}
