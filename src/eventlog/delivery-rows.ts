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
  /** How many events retention dropped before they were sent. */
  readonly missed: number;
  /** Of a replay of single events; null: all that its filter wants. */
  readonly only: readonly number[] | null;
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
  /** Dead letters that were being sent again; the others stay in their place. */
  readonly deadPositions: readonly number[];
  /** What it had still to get of the dead letters of others. */
  readonly retries: readonly InheritedRetry[];
  /** What replays had still to send. */
  readonly replays: readonly RemainingReplay[];
  readonly undelivered: number;
}

export interface InheritedRetry {
  readonly sourceId: string;
  /** Dead letters by id: after this one, up to the other. */
  readonly after: number;
  readonly upTo: number;
  /** About how many they are. */
  readonly rest: number;
}

export type RemainingReplay = Pick<RemovedCursor, 'place' | 'end' | 'spans'>;

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
  readonly missed: number;
  readonly only_positions: readonly number[] | null;
  readonly lease_owner: string | null;
  readonly head_position: number;
  readonly head_totals: Totals;
  readonly spans: unknown;
}

const numbers = z.array(z.number());
const spansForm = z.array(z.tuple([z.number(), numbers, numbers]));

const remainingForm = z.array(z.tuple([z.number(), z.number(), numbers, numbers, spansForm]));

const retriesForm = z.array(z.tuple([z.string(), z.number(), z.number(), z.number()]));

/** What was to be sent of the dead letters of others, from the database's JSON. */
export function toRetries(json: unknown): readonly InheritedRetry[] {
  return retriesForm.parse(json).map(([sourceId, after, upTo, rest]) => ({ sourceId, after, upTo, rest }));
}

/** Unfinished replays from the database's JSON. */
export function toRemaining(json: unknown): readonly RemainingReplay[] {
  return remainingForm.parse(json).map(([position, endPosition, totals, endTotals, filters]) => ({
    place: { position, totals },
    end: { position: endPosition, totals: endTotals },
    spans: toSpans(filters),
  }));
}

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
    missed: row.missed,
    only: row.only_positions,
    waiting: countWaiting({ position: row.position, totals: row.totals }, spans, end),
  };
}

/** What the cursors of one integration leave behind. */
export function toRemoved(
  live: CursorState,
  replays: readonly CursorState[],
  { deadLetters, retries }: { readonly deadLetters: number; readonly retries: readonly InheritedRetry[] },
): RemovedCursor {
  const { integrationId, position, totals, end, spans, waiting } = live;
  const deadPositions = replays.flatMap((replay) => replay.only?.filter((at) => at > replay.position) ?? []);
  const ofTimes = replays.filter(({ only }) => only === null);
  const remaining = ofTimes.flatMap((replay) => cutAtLive(replay, live));
  const replayed = remaining.reduce((sum, { place, spans: s, end: e }) => sum + countWaiting(place, s, e), 0);
  const inherited = retries.reduce((sum, { rest }) => sum + rest, 0);
  return {
    integrationId,
    place: { position, totals },
    end,
    spans,
    deadPositions: [...new Set(deadPositions)],
    retries,
    replays: remaining,
    undelivered: waiting + replayed + new Set(deadPositions).size + deadLetters + inherited,
  };
}

/** Where a replay runs into what waits for the live cursor too, it ends: each event counts once, and is sent once. */
function cutAtLive(
  { position, totals, spans, end }: CursorState,
  live: CursorState,
): readonly RemainingReplay[] {
  const liveKinds = new Set(live.spans[0]?.kinds);
  const isCovered = spans.every(({ kinds }) => kinds.every((kind) => liveKinds.has(kind)));
  const cut =
    isCovered && live.spans.length === 1 && live.position < end.position
      ? { position: live.position, totals: live.totals }
      : end;
  const remaining = { place: { position, totals }, spans, end: cut };
  return countWaiting(remaining.place, spans, cut) > 0 ? [remaining] : [];
}
