/** The integrations of the demo: what each wants to hear of, and which of them are taken out on the way. */
import { randomBytes } from 'node:crypto';
import type { EmailKind } from './events.ts';

export interface Plan {
  readonly label: string;
  readonly events: readonly EmailKind[];
  readonly region: 'US' | 'EU';
  /** Deleted under traffic; its destination is a slow one, so that a batch is on the wire when that happens. */
  readonly isTakenOut: boolean;
}

export interface Connected extends Plan {
  readonly id: string;
  readonly writeKey: string;
}

const everything: readonly EmailKind[] = [
  'processed',
  'drop',
  'delivered',
  'deferred',
  'bounce',
  'open',
  'machine_opened',
  'click',
  'spamreport',
  'unsubscribe',
  'group_unsubscribe',
  'group_resubscribe',
];

const stays = { region: 'US', isTakenOut: false } as const;
const goes = { region: 'EU', isTakenOut: true } as const;

export const plans: readonly Plan[] = [
  { ...stays, label: 'Warehouse', events: everything },
  { ...stays, label: 'Marketing', events: ['open', 'click', 'unsubscribe', 'group_unsubscribe'] },
  { ...stays, label: 'Deliverability', events: ['bounce', 'drop', 'deferred', 'spamreport'] },
  { ...stays, label: 'Support', events: ['delivered', 'bounce', 'drop'] },
  { ...stays, label: 'Suppressions', events: ['unsubscribe', 'group_unsubscribe', 'group_resubscribe'] },
  { ...goes, label: 'Former warehouse', events: everything },
  { ...goes, label: 'Former agency', events: ['open', 'machine_opened', 'click'] },
  { ...goes, label: 'Trial', events: ['processed', 'delivered'] },
];

/** Hears of nothing by itself: gets, by replay, what a deleted integration had not got. */
export function heirOf({ label }: Plan): Plan {
  return { ...stays, label: `Heir of ${label}`, events: [] };
}

export function newWriteKey(): string {
  return `demo${randomBytes(14).toString('hex')}`;
}
