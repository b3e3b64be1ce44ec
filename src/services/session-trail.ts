/** Sign-ins and sign-outs in the audit log, one entry in each organization that a session opens. */
import type { SessionInOrganization } from '../storage/session-store.ts';
import type { Transaction } from '../storage/storage.ts';

interface Ending {
  readonly requestId: string;
  /** `replaced`: by a sign-in in the same browser. `too_many`: the oldest one gave way to a new one. */
  readonly reason: 'signed_out' | 'replaced' | 'too_many';
}

/** Inside the transaction that ends them. */
export async function noteEnded(
  stores: Transaction,
  ended: readonly SessionInOrganization[],
  { requestId, reason }: Ending,
): Promise<void> {
  await noteSessions(stores, ended, { requestId, action: 'session.ended', details: { reason } });
}

/** Inside the transaction that begins or ends them. */
export async function noteSessions(
  stores: Transaction,
  sessions: readonly SessionInOrganization[],
  act: {
    readonly requestId: string;
    readonly action: 'session.started' | 'session.ended';
    readonly details: Readonly<Record<string, unknown>>;
  },
): Promise<void> {
  for (const { id, organizationId, holder } of sessions) {
    await stores.audit.append({
      ...act,
      organizationId,
      actor: { ...holder, organizationId },
      target: { type: 'session', id },
    });
  }
}
