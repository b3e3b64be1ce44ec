/** What all turns of one process share. */
import type { Attempt, CursorStore, HeldCursor } from '../eventlog/cursor-store.ts';
import type { EventLog } from '../eventlog/event-log.ts';
import type { Delivery, Destination } from '../providers/delivery.ts';
import type { Budget } from './budget.ts';
import type { Refusals } from './refusals.ts';

export interface RunParts {
  readonly cursors: CursorStore;
  readonly log: EventLog;
  readonly delivery: Delivery;
  /** Of the events that are held in memory. */
  readonly budget: Budget;
  readonly owner: string;
  readonly leaseMs: number;
  /** Opens the credentials of a held cursor. */
  readonly openDestination: (cursor: HeldCursor) => Promise<Destination>;
  readonly refusals: Refusals;
  /** Whether other cursors wait for a slot. */
  readonly othersWait: () => boolean;
  readonly onAttempt: (cursor: HeldCursor, attempt: Attempt) => void;
  readonly random: () => number;
}
