/** Integrations as rows, and back. */
import { z } from 'zod';
import { emailEvents } from '../core/email-event.ts';
import { type Integration, integrationStatuses } from '../core/integration.ts';

/** Of the table under the alias i. */
export const columns = `i.id, i.organization_id, i.provider, i.name, i.email_events, i.settings, i.status, i.version,
    i.created_at, i.updated_at`;

export interface IntegrationRow {
  readonly id: string;
  readonly organization_id: string;
  readonly provider: string;
  readonly name: string;
  readonly email_events: readonly string[];
  readonly settings: unknown;
  readonly status: string;
  readonly version: number;
  readonly created_at: Date;
  readonly updated_at: Date;
}

export interface Sealed {
  readonly sealed: string;
}

export interface StoredIntegration {
  readonly integration: Integration;
  /** Compact JWE under the organization's data key. */
  readonly sealed: string;
}

const checked = z.object({
  email_events: z.array(z.enum(emailEvents)),
  settings: z.record(z.string(), z.unknown()),
  status: z.enum(integrationStatuses),
});

export function toIntegration(row: IntegrationRow): Integration {
  const { email_events, settings, status } = checked.parse(row);
  return {
    id: row.id,
    organizationId: row.organization_id,
    provider: row.provider,
    name: row.name,
    emailEvents: email_events,
    settings,
    status,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export function toStored(row: IntegrationRow & Sealed): StoredIntegration {
  return { integration: toIntegration(row), sealed: row.sealed };
}
