/** A place in the log and what is wanted from there on. Pure rules over positions, filters and totals. */
import type { LogEnd, Totals } from './event-log.ts';

/** Kinds wanted from a position on, and how many events there were of each up to there. */
export interface FilterSpan {
  readonly fromPosition: number;
  readonly kinds: readonly number[];
  readonly totals: Totals;
}

export interface CursorPlace {
  readonly position: number;
  /** Exact for the kinds of the span that the position lies in. */
  readonly totals: Totals;
}

/** One stretch of the log under one filter. */
export interface Stretch {
  readonly upTo: number;
  readonly kinds: readonly number[];
  /** How many wanted events there are in it. */
  readonly waiting: number;
  /** The totals at its end. */
  readonly endTotals: Totals;
}

/** The stretches between a cursor and an end, in order. Empty where nothing lies between. */
export function stretches(place: CursorPlace, spans: readonly FilterSpan[], end: LogEnd): readonly Stretch[] {
  const result: Stretch[] = [];
  let { position, totals } = place;
  for (const [index, span] of spans.entries()) {
    const next = spans[index + 1];
    const upTo = next === undefined ? end.position : Math.min(next.fromPosition, end.position);
    if (upTo <= position) continue;
    const endTotals = next === undefined || next.fromPosition >= end.position ? end.totals : next.totals;
    // a cursor exactly at the beginning of a span has that span's totals
    const startTotals = position <= span.fromPosition && index > 0 ? span.totals : totals;
    result.push({ upTo, kinds: span.kinds, endTotals, waiting: between(startTotals, endTotals, span.kinds) });
    position = upTo;
    totals = endTotals;
  }
  return result;
}

/** How many events are waiting for a cursor. */
export function countWaiting(place: CursorPlace, spans: readonly FilterSpan[], end: LogEnd): number {
  return stretches(place, spans, end).reduce((sum, stretch) => sum + stretch.waiting, 0);
}

/** Totals after some events of a stretch were settled: the kinds of the filter move, the others are not kept. */
export function advance(totals: Totals, kinds: Iterable<number>): Totals {
  const moved = [...totals];
  for (const kind of kinds) moved[kind] = (moved[kind] ?? 0) + 1;
  return moved;
}

function between(from: Totals, to: Totals, kinds: readonly number[]): number {
  return kinds.reduce((sum, kind) => sum + (to[kind] ?? 0) - (from[kind] ?? 0), 0);
}
