/** A part of the log on its way to a destination: how large it may be, and where a cursor stands when it is over. */
import { advance, type CursorPlace, type Stretch } from '../eventlog/cursor.ts';
import type { Attempt, DeadEvent } from '../eventlog/cursor-store.ts';
import type { LoggedEvent } from '../eventlog/event-log.ts';
import type { RejectedEvent } from '../providers/delivery.ts';

/** A turn begins small: whoever hangs then holds little. */
const first = { events: 250, bytes: 128 * 1024 } as const;
const most = { events: 2_500, bytes: 1024 * 1024 } as const;

export interface Slice {
  readonly events: readonly LoggedEvent[];
  readonly stretch: Stretch;
  /** The end of this slice: nothing else is wanted up to here. */
  readonly upTo: number;
  /** Events that this destination can never be sent. */
  readonly unsendable: readonly RejectedEvent[];
  /** Those, and what the destination has refused so far. */
  readonly unsent: readonly RejectedEvent[];
}

/** How much is read next: more with every slice that went well. */
export class SliceSize {
  #events: number = first.events;
  #bytes: number = first.bytes;

  get events(): number {
    return this.#events;
  }

  get bytes(): number {
    return this.#bytes;
  }

  grow(): void {
    this.#events = Math.min(this.#events * 4, most.events);
    this.#bytes = Math.min(this.#bytes * 4, most.bytes);
  }
}

export interface Settled {
  readonly place: CursorPlace;
  /** The events between the cursor and its new place. */
  readonly events: readonly LoggedEvent[];
  readonly dead: readonly DeadEvent[];
}

/** @returns what is over when the slice is, up to a position; undefined: as a whole. */
export function settledBy(
  cursor: CursorPlace,
  { events, stretch, unsent, upTo }: Slice,
  position: number | undefined,
): Settled {
  const end = position ?? upTo;
  const settled = events.filter((event) => event.position > cursor.position && event.position <= end);
  const kinds = settled.map((event) => event.kind);
  const endTotals = end === stretch.upTo ? stretch.endTotals : advance(cursor.totals, kinds);
  return { place: { position: end, totals: endTotals }, events: settled, dead: toDead(settled, unsent) };
}

/** What can be no event of a destination is told like an attempt, without an answer. Undefined: nothing of it is. */
export function unsendableAttempt(
  settled: readonly LoggedEvent[],
  unsendable: readonly RejectedEvent[],
): Attempt | undefined {
  if (unsendable.length === 0) return undefined;
  const known = new Set(unsendable.map(({ position }) => position));
  const positions = settled.flatMap(({ position }) => (known.has(position) ? [position] : []));
  const [firstPosition] = positions;
  if (firstPosition === undefined) return undefined;
  return {
    firstPosition,
    lastPosition: positions.at(-1) ?? firstPosition,
    events: positions.length,
    outcome: 'rejected',
    status: undefined,
    latencyMs: 0,
    answer: '',
  };
}

function toDead(events: readonly LoggedEvent[], unsent: readonly RejectedEvent[]): readonly DeadEvent[] {
  if (unsent.length === 0) return [];
  const reasons = new Map(unsent.map(({ position, reason }) => [position, reason]));
  return events.flatMap(({ position, kind, sgEventId }) => {
    const reason = reasons.get(position);
    return reason === undefined ? [] : [{ position, kind, sgEventId, reason }];
  });
}
