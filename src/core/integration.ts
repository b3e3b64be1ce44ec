/** An integration: one connection of an organization to one third-party application. */
import type { EmailEvent } from './email-event.ts';

/** The catalogue of providers says which there are. */
export type ProviderName = string;

export const integrationStatuses = ['active', 'invalid_credentials'] as const;
export type IntegrationStatus = (typeof integrationStatuses)[number];

export const defaultIntegrationName = 'Untitled Integration';

export interface Integration {
  readonly id: string;
  readonly organizationId: string;
  readonly provider: ProviderName;
  readonly name: string;
  /** Which email events are forwarded to it; empty forwards nothing. */
  readonly emailEvents: readonly EmailEvent[];
  /** What the provider needs besides its credentials, in the provider's own form; never secret. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly status: IntegrationStatus;
  /** Raised by every change a caller makes; verification in the background does not move it. */
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}
