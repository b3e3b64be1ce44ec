import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advance, countWaiting, type FilterSpan, stretches } from './cursor.ts';
import type { Totals } from './event-log.ts';

const kindCount = 4;

/** A log is the kinds of its events; position n is the n-th event. */
type Log = readonly number[];

function totalsAt(log: Log, position: number): Totals {
  return Array.from({ length: kindCount }, (_, kind) =>
    log.slice(0, position).reduce((count, each) => count + (each === kind ? 1 : 0), 0),
  );
}

const endOf = (log: Log, position = log.length) => ({ position, totals: totalsAt(log, position) });

const spanAt = (log: Log, fromPosition: number, kinds: readonly number[]): FilterSpan => ({
  fromPosition,
  kinds,
  totals: totalsAt(log, fromPosition),
});

/** The naive model: looks at every event, under the filter that was in force when it came. */
function wantedPositions(log: Log, spans: readonly FilterSpan[], after: number, upTo: number) {
  return log.flatMap((kind, index) => {
    const position = index + 1;
    const span = spans.findLast(({ fromPosition }) => fromPosition < position);
    return position > after && position <= upTo && span?.kinds.includes(kind) === true ? [position] : [];
  });
}

const scenario = fc
  .record({
    log: fc.array(fc.nat(kindCount - 1), { maxLength: 60 }),
    at: fc.nat(60),
    end: fc.nat(60),
    changes: fc.array(
      fc.record({ from: fc.nat(60), kinds: fc.uniqueArray(fc.nat(kindCount - 1), { minLength: 0 }) }),
      { minLength: 1, maxLength: 5 },
    ),
  })
  .map(({ log, at, end, changes }) => {
    const upTo = Math.min(end, log.length);
    const position = Math.min(at, upTo);
    // the first filter is the one that the cursor began with, so it lies at or before the cursor
    const from = (index: number, change: number) =>
      index === 0 ? Math.min(change, position) : Math.min(change, log.length);
    const byPosition = new Map(changes.map((each, index) => [from(index, each.from), each.kinds]));
    const spans = [...byPosition]
      .toSorted(([a], [b]) => a - b)
      .map(([start, kinds]) => spanAt(log, start, kinds));
    // those that lie behind are left out when a cursor is read
    const first = Math.max(...spans.map((each) => each.fromPosition).filter((each) => each <= position));
    return {
      log,
      position,
      end: endOf(log, upTo),
      spans: spans.filter(({ fromPosition }) => fromPosition >= first),
    };
  });

describe('what waits between a cursor and the end of the log', () => {
  it('is nothing at the end', () => {
    const log = [0, 1];
    expect(stretches(endOf(log), [spanAt(log, 0, [0])], endOf(log))).toEqual([]);
  });

  it('is counted from the totals alone', () => {
    const log = [0, 1, 0, 2];
    const place = endOf(log, 1);
    expect(stretches(place, [spanAt(log, 0, [0, 2])], endOf(log))).toEqual([
      { upTo: 4, kinds: [0, 2], waiting: 2, endTotals: totalsAt(log, 4) },
    ]);
  });

  it('ends where the filter changes, and goes on with the new one', () => {
    const log = [0, 1, 0, 1];
    const spans = [spanAt(log, 0, [0]), spanAt(log, 2, [1])];
    expect(stretches(endOf(log, 0), spans, endOf(log)).map(({ upTo, waiting }) => [upTo, waiting])).toEqual([
      [2, 1],
      [4, 1],
    ]);
  });

  it('is what a look at every event would find', () => {
    fc.assert(
      fc.property(scenario, ({ log, position, end, spans }) => {
        const wanted = wantedPositions(log, spans, position, end.position);
        expect(countWaiting(endOf(log, position), spans, end)).toBe(wanted.length);
      }),
    );
  });

  it('lies in stretches that follow one another from the cursor to the end, each with its own events', () => {
    fc.assert(
      fc.property(scenario, ({ log, position, end, spans }) => {
        const found = stretches(endOf(log, position), spans, end);
        let after = position;
        for (const { upTo, kinds, waiting, endTotals } of found) {
          expect(upTo).toBeGreaterThan(after);
          const wanted = wantedPositions(log, spans, after, upTo);
          expect(waiting).toBe(wanted.length);
          expect(wanted.every((each) => kinds.includes(log[each - 1] ?? -1))).toBe(true);
          expect(endTotals).toEqual(totalsAt(log, upTo));
          after = upTo;
        }
        expect(after).toBe(end.position);
      }),
    );
  });

  it('stays right when a cursor moves through it event by event, with totals of wanted kinds only', () => {
    fc.assert(
      fc.property(scenario, ({ log, position, end, spans }) => {
        let place = endOf(log, position);
        let left = wantedPositions(log, spans, position, end.position);
        for (let [next] = stretches(place, spans, end); next !== undefined; ) {
          const wanted = left.find((each) => each <= (next?.upTo ?? 0));
          const isLast = wanted === undefined || wanted === next.upTo;
          place = isLast
            ? { position: next.upTo, totals: next.endTotals }
            : { position: wanted, totals: advance(place.totals, [log[wanted - 1] ?? 0]) };
          left = left.filter((each) => each > place.position);
          expect(countWaiting(place, spans, end)).toBe(left.length);
          [next] = stretches(place, spans, end);
        }
        expect(left).toEqual([]);
      }),
    );
  });
});
