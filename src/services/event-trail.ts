/** The way of one event: when it came, and what became of it for each integration; and of what was no event. */
import { type EmailEvent, eventOfKind } from '../core/email-event.ts';
import type { Caller } from '../core/principal.ts';
import type { FilterSpan } from '../eventlog/cursor.ts';
import type { LoggedOccurrence } from '../eventlog/delivery-log-store.ts';
import type { RemovedCursor } from '../eventlog/delivery-rows.ts';
import type { RejectedElement } from '../eventlog/rejected-store.ts';
import type { CursorHistory, LetterTrace, ReplayTrace } from '../eventlog/trail-store.ts';
import type { Stores } from '../storage/storage.ts';
import { type Cut, type PageById, toPage } from './deliveries.ts';

export type EventFate = 'delivered' | 'waiting' | 'dead' | 'filtered_out' | 'integration_deleted';

export interface EventTrail {
  readonly acceptedAt: Date;
  /** Undefined where it is none of the twelve kinds. */
  readonly event: EmailEvent | undefined;
  /** How often SendGrid sent it. */
  readonly received: number;
  readonly integrations: readonly {
    readonly integrationId: string;
    readonly fate: EventFate;
    readonly reason: string | undefined;
  }[];
}

export class EventTrailService {
  readonly #stores: Stores;

  constructor(stores: Stores) {
    this.#stores = stores;
  }

  /** Undefined where the log does not know the event, or no more. */
  async follow(caller: Caller, sgEventId: string): Promise<EventTrail | undefined> {
    const { id: organizationId } = caller.organization;
    const occurrences = await this.#stores.deliveryLog.occurrences(organizationId, sgEventId);
    const [first] = occurrences;
    if (first === undefined) return undefined;
    const positions = occurrences.map(({ position }) => position);
    const traces = {
      occurrences,
      letters: await this.#stores.trails.letters(organizationId, sgEventId),
      replays: await this.#stores.trails.replays(organizationId, positions),
    };
    const cursors = await this.#stores.trails.histories(organizationId);
    const removed = await this.#stores.removedCursors.latest(organizationId);
    return {
      acceptedAt: first.acceptedAt,
      event: eventOfKind(first.kind),
      received: occurrences.length,
      integrations: [
        ...cursors.flatMap((cursor) => fatesOf(cursor.integrationId, liveWays(cursor, traces))),
        ...removed.flatMap((cursor) => fatesOf(cursor.integrationId, removedWays(cursor, traces))),
      ],
    };
  }

  /** What came in and was no event, newest first. */
  async rejected({ organization }: Caller, { before, limit }: Cut): Promise<PageById<RejectedElement>> {
    const rows = await this.#stores.rejected.list(organization.id, { before, limit: limit + 1 });
    return toPage(rows, limit);
  }
}

interface Traces {
  readonly occurrences: readonly LoggedOccurrence[];
  readonly letters: readonly LetterTrace[];
  readonly replays: readonly ReplayTrace[];
}

/** What became of one occurrence; undefined where the integration had nothing to do with it yet. */
type Way = { readonly fate: EventFate; readonly reason?: string } | undefined;

/** What SendGrid sent twice has arrived if it arrived once. */
const fromBest = ['delivered', 'waiting', 'integration_deleted', 'dead', 'filtered_out'] as const;

function fatesOf(integrationId: string, ways: readonly Way[]): EventTrail['integrations'] {
  for (const fate of fromBest) {
    const way = ways.find((each) => each?.fate === fate);
    if (way !== undefined) return [{ integrationId, fate, reason: way.reason }];
  }
  return [];
}

function liveWays(
  { integrationId, position: settled, spans }: CursorHistory,
  traces: Traces,
): readonly Way[] {
  return traces.occurrences.map((occurrence) => {
    const { position } = occurrence;
    const sent = replaysOf(integrationId, occurrence, traces);
    const letters = traces.letters.filter((letter) => letter.position === position);
    const isAwaited = letters.some(({ awaitedBy }) => awaitedBy.includes(integrationId));
    // a dead letter that is being sent again is none meanwhile
    if (isAwaited || sent.some(({ only, reached }) => only !== null && reached < position)) {
      return { fate: 'waiting' };
    }
    const letter = letters.find((each) => each.integrationId === integrationId);
    if (letter !== undefined && !hasArrivedSince(letter, sent))
      return { fate: 'dead', reason: letter.reason };
    const fate = fateOf(occurrence, spans, settled, 'waiting');
    if (fate === 'delivered' || fate === 'waiting') return { fate };
    if (sent.some(({ reached }) => reached >= position)) return { fate: 'delivered' };
    return sent.length > 0 ? { fate: 'waiting' } : fate && { fate };
  });
}

function removedWays(cursor: RemovedCursor, traces: Traces): readonly Way[] {
  const { integrationId, place, spans, end } = cursor;
  const known = traces.occurrences.filter(({ position }) => position <= end.position);
  return known.map((occurrence) => {
    const { position } = occurrence;
    const sent = replaysOf(integrationId, occurrence, traces);
    const letters = traces.letters.filter((letter) => letter.position === position);
    if (isUndelivered(occurrence, cursor, letters)) return { fate: 'integration_deleted' };
    const letter = letters.find((each) => each.integrationId === integrationId);
    if (letter !== undefined && !hasArrivedSince(letter, sent)) {
      return letter.discarded ? { fate: 'dead', reason: letter.reason } : { fate: 'integration_deleted' };
    }
    if (sent.length > 0) return { fate: 'delivered' };
    const fate = fateOf(occurrence, spans, place.position, 'integration_deleted');
    return fate && { fate };
  });
}

/** Those that have sent the event, or will. */
function replaysOf(
  integrationId: string,
  { position, kind }: LoggedOccurrence,
  { replays }: Traces,
): readonly ReplayTrace[] {
  return replays.filter(
    ({ integrationId: id, after, upTo, spans, only }) =>
      id === integrationId &&
      position > after &&
      position <= upTo &&
      (only === null || only.includes(position)) &&
      spans.findLast(({ fromPosition }) => fromPosition < position)?.kinds.includes(kind) === true,
  );
}

/** What a replay is refused is a newer dead letter. */
function hasArrivedSince({ position, at }: LetterTrace, sent: readonly ReplayTrace[]): boolean {
  return sent.some(({ reached, startedAt }) => reached >= position && startedAt > at);
}

/** Was being sent to a removed integration: by a replay, or as a dead letter of its own or of others. */
function isUndelivered(
  { position, kind }: LoggedOccurrence,
  { deadPositions, replays, retries }: RemovedCursor,
  letters: readonly LetterTrace[],
): boolean {
  if (deadPositions.includes(position)) return true;
  const isOfOthers = retries.some(({ sourceId, after, upTo }) =>
    letters.some(({ id, integrationId }) => integrationId === sourceId && id > after && id <= upTo),
  );
  if (isOfOthers) return true;
  return replays.some(({ place, end, spans }) => {
    const isInside = position > place.position && position <= end.position;
    return isInside && spans.findLast(({ fromPosition }) => fromPosition < position)?.kinds.includes(kind);
  });
}

/** Undefined where the integration had nothing to do with the event yet. */
function fateOf(
  { position, kind }: LoggedOccurrence,
  spans: readonly FilterSpan[],
  settled: number,
  beyond: EventFate,
): EventFate | undefined {
  const span = spans.findLast(({ fromPosition }) => fromPosition < position);
  if (span === undefined) return undefined;
  if (!span.kinds.includes(kind)) return 'filtered_out';
  return position <= settled ? 'delivered' : beyond;
}
