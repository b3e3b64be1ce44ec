/** The record of who did what. Written in the transaction that it describes; never holds a secret or its hash. */
import type { Caller } from './principal.ts';

export type AuditAction =
  | 'organization.created'
  | 'integration.created'
  | 'integration.updated'
  | 'integration.deleted'
  | 'api_key.created'
  | 'api_key.updated'
  | 'api_key.deleted';

export type AuditTargetType = 'organization' | 'integration' | 'api_key';

export interface Actor {
  readonly type: 'api_key' | 'system';
  readonly id: string;
  readonly organizationId: string;
}

export interface AuditEntry {
  readonly organizationId: string;
  readonly actor: Actor;
  readonly requestId: string;
  readonly action: AuditAction;
  readonly target: { readonly type: AuditTargetType; readonly id: string };
  readonly details: Readonly<Record<string, unknown>>;
}

/** An entry for what a caller did, in the organization it acts in. */
export function auditEntry(
  caller: Caller,
  action: AuditAction,
  target: AuditEntry['target'],
  details: AuditEntry['details'] = {},
): AuditEntry {
  return {
    organizationId: caller.organization.id,
    actor: { type: 'api_key', id: caller.apiKeyId, organizationId: caller.keyOrganizationId },
    requestId: caller.requestId,
    action,
    target,
    details,
  };
}
