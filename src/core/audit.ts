/** The record of who did what. Written in the transaction that it describes; never holds a secret or its hash. */
import type { Caller } from './principal.ts';

export type AuditAction =
  | 'organization.created'
  | 'organization.updated'
  | 'integration.created'
  | 'integration.updated'
  | 'integration.deleted'
  | 'api_key.created'
  | 'api_key.updated'
  | 'api_key.deleted'
  | 'api_key.revoked'
  | 'event_source.created'
  | 'event_source.updated'
  | 'event_source.deleted'
  | 'integration.paused'
  | 'integration.resumed'
  | 'integration.replayed'
  | 'dead_letters.retried'
  | 'dead_letters.discarded'
  | 'phone_number.created'
  | 'phone_number.updated'
  | 'phone_number.reassigned'
  | 'phone_number.deleted'
  | 'session.started'
  | 'session.ended';

export const auditTargetTypes = [
  'organization',
  'integration',
  'api_key',
  'phone_number',
  'event_source',
  'session',
] as const;
export type AuditTargetType = (typeof auditTargetTypes)[number];

export interface Actor {
  readonly type: 'api_key' | 'user' | 'system';
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
    actor: caller.actor,
    requestId: caller.requestId,
    action,
    target,
    details,
  };
}

/** An entry as it was stored, perhaps by another version of this program. */
export interface AuditRecord {
  readonly id: number;
  readonly at: Date;
  readonly actor: { readonly type: string; readonly id: string; readonly organizationId: string };
  readonly requestId: string;
  readonly action: string;
  readonly target: { readonly type: string; readonly id: string };
  readonly details: unknown;
}
