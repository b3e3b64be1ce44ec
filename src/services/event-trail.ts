/** The way of one event: when it came, and what became of it for each integration. */
import { type EmailEvent, eventOfKind } from '../core/email-event.ts';
import type { Caller } from '../core/principal.ts';
import type { FilterSpan } from '../eventlog/cursor.ts';
import type { LoggedOccurrence } from '../eventlog/delivery-log-store.ts';
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
    const live = (await this.#stores.deliveries.history(organizationId)).flatMap((cursor) => {
      const reason = dead.get(cursor.integrationId);
      const fate = reason === undefined ? fateOf(first, cursor.spans, cursor.position, 'waiting') : 'dead';
      return fate === undefined ? [] : [{ integrationId: cursor.integrationId, fate, reason }];
    });
    const removed = (await this.#stores.deliveries.allRemoved(organizationId)).flatMap((cursor) => {
      const { position } = cursor.place;
      const undelivered = cursor.deadPositions.includes(first.position);
      if (first.position > cursor.end.position) return [];
      const fate = undelivered
        ? 'integration_deleted'
        : fateOf(first, cursor.spans, position, 'integration_deleted');
      return fate === undefined ? [] : [{ integrationId: cursor.integrationId, fate, reason: undefined }];
    });
    return {
      acceptedAt: first.acceptedAt,
      event: eventOfKind(first.kind),
      received: occurrences.length,
      integrations: [...live, ...removed],
    };
  }
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
