/** Cursors as rows, and as the rest of the program knows them. */
import { z } from 'zod';
import { countWaiting, type FilterSpan } from './cursor.ts';
import type { LogEnd, Totals } from './event-log.ts';

/** A cursor as seen from outside. */
export interface CursorState {
  readonly id: number;
  readonly integrationId: string;
  readonly kind: 'live' | 'replay';
  readonly position: number;
  readonly end: LogEnd;
  readonly paused: boolean;
  readonly attempt: number;
  readonly nextAttemptAt: Date | null;
  readonly leaseOwner: string | null;
  readonly lastSuccessAt: Date | null;
  readonly lastError: string | null;
  readonly lastErrorAt: Date | null;
  /** How many events it still has to settle. */
  readonly waiting: number;
  readonly totals: Totals;
  readonly spans: readonly FilterSpan[];
}

/** What a removed integration leaves behind. */
export interface RemovedCursor {
  readonly integrationId: string;
  readonly place: { readonly position: number; readonly totals: Totals };
  readonly end: LogEnd;
  readonly spans: readonly FilterSpan[];
  readonly deadPositions: readonly number[];
  readonly undelivered: number;
}

export interface StateRow {
  readonly id: number;
  readonly integration_id: string;
  readonly kind: 'live' | 'replay';
  readonly position: number;
  readonly totals: Totals;
  readonly end_position: number | null;
  readonly end_totals: Totals | null;
  readonly paused: boolean;
  readonly attempt: number;
  readonly next_attempt_at: Date | null;
  readonly last_success_at: Date | null;
  readonly last_error: string | null;
  readonly last_error_at: Date | null;
  readonly lease_owner: string | null;
  readonly head_position: number;
  readonly head_totals: Totals;
  readonly spans: unknown;
}

export interface RemovedRow {
  readonly integration_id: string;
  readonly position: number;
  readonly end_position: number;
  readonly totals: Totals;
  readonly end_totals: Totals;
  readonly filters: unknown;
  readonly dead_positions: readonly number[];
  readonly undelivered: number;
}

const numbers = z.array(z.number());
const spansForm = z.array(z.tuple([z.number(), numbers, numbers]));

/** Filter spans from the database's JSON. */
export function toSpans(json: unknown): readonly FilterSpan[] {
  return spansForm.parse(json).map(([fromPosition, kinds, totals]) => ({ fromPosition, kinds, totals }));
}

export function toState(row: StateRow): CursorState {
  const end =
    row.end_position !== null && row.end_totals !== null
      ? { position: row.end_position, totals: row.end_totals }
      : { position: row.head_position, totals: row.head_totals };
  const spans = toSpans(row.spans);
  return {
    id: row.id,
    integrationId: row.integration_id,
    kind: row.kind,
    position: row.position,
    totals: row.totals,
    end,
    spans,
    paused: row.paused,
    attempt: row.attempt,
    nextAttemptAt: row.next_attempt_at,
    leaseOwner: row.lease_owner,
    lastSuccessAt: row.last_success_at,
    lastError: row.last_error,
    lastErrorAt: row.last_error_at,
    waiting: countWaiting({ position: row.position, totals: row.totals }, spans, end),
  };
}

export function toRemoved(cursor: CursorState, dead: readonly number[]): RemovedCursor {
  const { integrationId, position, totals, end, spans, waiting } = cursor;
  return {
    integrationId,
    place: { position, totals },
    end,
    spans,
    deadPositions: dead,
    undelivered: waiting + dead.length,
  };
}

export function fromRemovedRow(row: RemovedRow): RemovedCursor {
  return {
    integrationId: row.integration_id,
    place: { position: row.position, totals: row.totals },
    end: { position: row.end_position, totals: row.end_totals },
    spans: toSpans(row.filters),
    deadPositions: row.dead_positions,
    undelivered: row.undelivered,
  };
}
