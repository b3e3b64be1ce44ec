/** Every command there is, in the order of the help. */
import type { Command } from './command.ts';
import { auditLogCommands } from './commands/audit-log.ts';
import { completionCommands } from './commands/completion.ts';
import { deadLetterCommands } from './commands/dead-letters.ts';
import { deliveryCommands } from './commands/delivery.ts';
import { deleteIntegrations } from './commands/integration-delete.ts';
import { integrationDeliveryCommands } from './commands/integration-delivery.ts';
import { integrationCommands } from './commands/integrations.ts';
import { keyCommands } from './commands/keys.ts';
import { numberCommands } from './commands/numbers.ts';
import { organizationCommands } from './commands/organizations.ts';
import { sendGridKeyCommands } from './commands/sendgrid-keys.ts';
import { serverCommands } from './commands/server.ts';
import { sourceCommands } from './commands/sources.ts';
import { storeCommands } from './commands/store.ts';

export const groups: Readonly<Record<string, string>> = {
  integrations: 'Connections to third-party applications',
  numbers: 'Phone numbers, which refer to integrations',
  keys: 'API keys with roles',
  'sendgrid-keys': 'API keys with scopes, for the SendGrid surface',
  sources: 'Where email events come in',
  'dead-letters': 'Events that a destination refused for good',
  events: 'Single email events',
  organizations: 'Tenants; for the operator',
  vault: 'Encryption keys',
};

export const commands: readonly Command[] = [
  ...serverCommands,
  ...integrationCommands,
  ...integrationDeliveryCommands,
  deleteIntegrations,
  ...numberCommands,
  ...keyCommands,
  ...sendGridKeyCommands,
  ...sourceCommands,
  ...deliveryCommands,
  ...deadLetterCommands,
  ...auditLogCommands,
  ...organizationCommands,
  ...storeCommands,
  ...completionCommands,
];
