/** What people who look at an organization want to hear of as it happens. */
import type { AuditEntry, AuditTargetType } from './audit.ts';

export const changeTopics = ['integrations', 'delivery', 'phone_numbers', 'keys', 'sources'] as const;
export type ChangeTopic = (typeof changeTopics)[number];

const topicOfTarget: Readonly<Record<AuditTargetType, ChangeTopic | undefined>> = {
  organization: undefined,
  integration: 'integrations',
  api_key: 'keys',
  phone_number: 'phone_numbers',
  event_source: 'sources',
  session: undefined,
};

/** Every change is in the audit log, so what is written there says what has changed. */
export function topicOf({ action, target }: Pick<AuditEntry, 'action' | 'target'>): ChangeTopic | undefined {
  const isDelivery = action.startsWith('dead_letters.') || deliveryActions.has(action);
  return isDelivery ? 'delivery' : topicOfTarget[target.type];
}

/** Whether somebody may have lost a way in by it. */
export function endsAccess({ action }: Pick<AuditEntry, 'action'>): boolean {
  return accessActions.has(action);
}

const accessActions: ReadonlySet<string> = new Set([
  'api_key.revoked',
  'api_key.deleted',
  'api_key.updated',
  'session.ended',
]);

const deliveryActions: ReadonlySet<string> = new Set([
  'integration.paused',
  'integration.resumed',
  'integration.replayed',
]);
