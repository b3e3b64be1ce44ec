/**
 * What the event log promises, however it is stored: positions per organization, ordered; nothing ever becomes visible
 * behind a position that was already read; what was appended is durable.
 */
import type { NewEvent } from '../core/webhook-event.ts';

/** How many events of each kind there are up to some position. */
export type Totals = readonly number[];

export interface LogEnd {
  readonly position: number;
  readonly totals: Totals;
}

export interface LoggedEvent {
  readonly position: number;
  readonly kind: number;
  readonly sgEventId: string;
  readonly payload: string;
}

export interface SliceRequest {
  readonly organizationId: string;
  /** Events after this position … */
  readonly after: number;
  /** … up to this one, it included. */
  readonly upTo: number;
  readonly kinds: readonly number[];
  /** Of those only these, in any order; null: all of them. */
  readonly only: readonly number[] | null;
  readonly limit: number;
  /** An event that begins beyond so many bytes of payload is left for the next slice; the first one never is. */
  readonly mostBytes: number;
}

export interface LogSlice {
  /** In order of position. */
  readonly events: readonly LoggedEvent[];
  /** How far was looked: everything that was asked for up to here is among the events. Beyond `after`. */
  readonly upTo: number;
}

export interface EventLog {
  /** Resolves once the events are durable, with the position of the last one: the others lie right before it. */
  append(organizationId: string, events: readonly NewEvent[]): Promise<number>;
  read(request: SliceRequest): Promise<LogSlice>;
}
