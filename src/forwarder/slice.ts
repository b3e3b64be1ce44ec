/** A part of the log on its way to a destination: how large it may be, and where a cursor stands when it is over. */
import { eventOfKind } from '../core/email-event.ts';
import { advance, type CursorPlace, type Stretch } from '../eventlog/cursor.ts';
import type { Attempt, DeadEvent } from '../eventlog/cursor-store.ts';
import type { LoggedEvent, LogSlice } from '../eventlog/event-log.ts';
import type { Delivery, OutgoingEvent, PreparedEvent, RejectedEvent } from '../providers/delivery.ts';

/** A turn begins small: whoever hangs then holds little. */
const first = { events: 250, bytes: 128 * 1024 } as const;
/** Smaller still where the last two went wrong: the next one is likely to, and one that only falters is not slowed down. */
const firstAfterFailure = { events: 32, bytes: 16 * 1024 } as const;
const most = { events: 2_500, bytes: 1024 * 1024 } as const;

/** Without its payload, which may keep all of the post alive that it came in. */
export type SliceEvent = Omit<LoggedEvent, 'payload'>;

export interface Slice {
  readonly events: readonly SliceEvent[];
  readonly stretch: Stretch;
  /** The end of this slice: nothing else is wanted up to here. */
  readonly upTo: number;
  /** Events that this destination can never be sent. */
  readonly unsendable: readonly RejectedEvent[];
  /** Those, and what the destination has refused so far. */
  readonly unsent: RejectedEvent[];
}

/** How much is read next: more with every slice that went well. */
export class SliceSize {
  #events: number;
  #bytes: number;

  constructor(keepsFailing: boolean) {
    const { events, bytes } = keepsFailing ? firstAfterFailure : first;
    this.#events = events;
    this.#bytes = bytes;
  }

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

/** What is to be sent of what was read. Of the events no more is kept than what settling them needs. */
export function prepareSlice(
  delivery: Delivery,
  integrationId: string,
  { events, upTo, stretch }: LogSlice & Pick<Slice, 'stretch'>,
): { readonly slice: Slice; readonly ready: readonly PreparedEvent[] } {
  const outgoing: OutgoingEvent[] = [];
  const kept: SliceEvent[] = [];
  for (const { position, kind, sgEventId, payload } of events) {
    const event = eventOfKind(kind);
    if (event !== undefined) outgoing.push({ position, event, sgEventId, payload });
    kept.push({ position, kind, sgEventId });
  }
  const { ready, rejected } = delivery.prepare(integrationId, outgoing);
  return { slice: { events: kept, upTo, stretch, unsendable: rejected, unsent: [...rejected] }, ready };
}

export interface Settled {
  readonly place: CursorPlace;
  /** The events between the cursor and its new place. */
  readonly events: readonly SliceEvent[];
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
  settled: readonly SliceEvent[],
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
    error: undefined,
    latencyMs: 0,
    answer: '',
  };
}

function toDead(events: readonly SliceEvent[], unsent: readonly RejectedEvent[]): readonly DeadEvent[] {
  if (unsent.length === 0) return [];
  const reasons = new Map(unsent.map(({ position, reason }) => [position, reason]));
  return events.flatMap(({ position, kind, sgEventId }) => {
    const reason = reasons.get(position);
    return reason === undefined ? [] : [{ position, kind, sgEventId, reason }];
  });
}
