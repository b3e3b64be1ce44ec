/** The way of one event: when it came, and what became of it for each integration. */
import { type EmailEvent, eventOfKind } from '../core/email-event.ts';
import type { Caller } from '../core/principal.ts';
import type { FilterSpan } from '../eventlog/cursor.ts';
import type { LoggedOccurrence } from '../eventlog/delivery-log-store.ts';
import type { RemovedCursor } from '../eventlog/delivery-rows.ts';
import type { Stores } from '../storage/storage.ts';

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
    const dead = await this.#stores.deliveryLog.deadAt(organizationId, sgEventId);
    return {
      acceptedAt: first.acceptedAt,
      event: eventOfKind(first.kind),
      received: occurrences.length,
      integrations: [
        ...(await this.#live(organizationId, dead, occurrences)),
        ...(await this.#removed(organizationId, dead, occurrences)),
      ],
    };
  }

  async #live(organizationId: string, dead: Reasons, occurrences: Occurrences): Promise<Fates> {
    const positions = occurrences.map(({ position }) => position);
    const cursors = await this.#stores.deliveries.history(organizationId, positions);
    return cursors.flatMap(({ integrationId, position, spans, retrying }): Fates => {
      const reason = dead.get(integrationId);
      if (reason !== undefined) return [{ integrationId, fate: 'dead', reason }];
      if (retrying) return [{ integrationId, fate: 'waiting', reason }];
      const fate = best(occurrences.map((each) => fateOf(each, spans, position, 'waiting')));
      return fate === undefined ? [] : [{ integrationId, fate, reason }];
    });
  }

  async #removed(organizationId: string, dead: Reasons, occurrences: Occurrences): Promise<Fates> {
    const cursors = await this.#stores.removedCursors.latest(organizationId);
    return cursors.flatMap((cursor): Fates => {
      const known = occurrences.filter(({ position }) => position <= cursor.end.position);
      const fate =
        dead.has(cursor.integrationId) || known.some((each) => isUndelivered(each, cursor))
          ? 'integration_deleted'
          : best(
              known.map((each) => fateOf(each, cursor.spans, cursor.place.position, 'integration_deleted')),
            );
      return fate === undefined ? [] : [{ integrationId: cursor.integrationId, fate, reason: undefined }];
    });
  }
}

type Occurrences = readonly LoggedOccurrence[];
type Reasons = ReadonlyMap<string, string>;
type Fates = EventTrail['integrations'];

/** What SendGrid sent twice has arrived if it arrived once. */
const fromBest = ['delivered', 'waiting', 'integration_deleted', 'filtered_out', 'dead'] as const;

function best(fates: readonly (EventFate | undefined)[]): EventFate | undefined {
  return fromBest.find((fate) => fates.includes(fate));
}

/** Among the dead letters or the unfinished replays of a removed integration. */
function isUndelivered(
  { position, kind }: LoggedOccurrence,
  { deadPositions, replays }: RemovedCursor,
): boolean {
  if (deadPositions.includes(position)) return true;
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
