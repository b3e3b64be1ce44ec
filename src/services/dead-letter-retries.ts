/**
 * Dead letters that are sent again: a bounded number of them at a time, as a replay of these events alone. The rest has
 * its turn when that replay is over.
 */
import { rejectedKind } from '../core/email-event.ts';
import type { Integration } from '../core/integration.ts';
import type { FilterSpan } from '../eventlog/cursor.ts';
import { advance } from '../eventlog/cursor.ts';
import type { PendingRetry } from '../eventlog/dead-letter-retry-store.ts';
import type { LetterRange, PlacedEvent } from '../eventlog/dead-letter-store.ts';
import type { Storage, Transaction } from '../storage/storage.ts';

type Recipient = Pick<Integration, 'id' | 'organizationId'>;

/** Inside a transaction that holds the integration. @returns how many events are sent again */
export async function retryChosen(
  stores: Transaction,
  integration: Recipient,
  ids: readonly number[],
): Promise<number> {
  const { organizationId, id } = integration;
  const events = await stores.deadLetters.takeChosen(organizationId, id, ids);
  await replayEvents(stores, integration, events);
  return events.length;
}

/**
 * Inside a transaction that holds the integration: all dead letters of a source, which is the integration itself or a
 * removed one. @returns how many events are sent
 */
export async function retryAll(
  stores: Transaction,
  integration: Recipient,
  sourceId: string,
): Promise<number> {
  const { range, letters, sendable } = await stores.deadLetters.extent(integration.organizationId, sourceId);
  return await retryRange(stores, integration, { ...range, sourceId, rest: letters, sendable });
}

export interface RangeToRetry extends LetterRange {
  readonly sourceId: string;
  /** How many dead letters there are in it. */
  readonly rest: number;
  /** How many of them the log is thought to have the events of. */
  readonly sendable: number;
}

/** The same for a part of them. */
export async function retryRange(
  stores: Transaction,
  integration: Recipient,
  { sourceId, after, upTo, rest, sendable }: RangeToRetry,
): Promise<number> {
  const { id: integrationId, organizationId } = integration;
  const keep = sourceId !== integrationId;
  const { events, looked, next } = await stores.deadLetters.takeNext(organizationId, sourceId, {
    after,
    upTo,
    keep,
  });
  await replayEvents(stores, integration, events);
  if (next === undefined) return events.length;
  const left = { integrationId, organizationId, sourceId, after: next, upTo, rest: rest - looked };
  await stores.deadLetterRetries.postpone(left);
  return Math.max(sendable, events.length);
}

/** Inside a transaction: sends events again, each once. */
export async function replayEvents(
  stores: Transaction,
  { organizationId, id: integrationId }: Recipient,
  events: readonly PlacedEvent[],
): Promise<void> {
  const kindAt = new Map(events.map(({ position, kind }) => [position, kind]));
  if (kindAt.size === 0) return;
  const none = Array.from({ length: rejectedKind + 1 }, () => 0);
  const only = [...kindAt.keys()].toSorted((a, b) => a - b);
  const kinds = [...new Set(kindAt.values())].toSorted((a, b) => a - b);
  const place = { position: (only[0] ?? 1) - 1, totals: none };
  const end = { position: only.at(-1) ?? 0, totals: advance(none, kindAt.values()) };
  const spans: readonly FilterSpan[] = [{ fromPosition: 0, kinds, totals: none }];
  await stores.deliveries.startReplay({ organizationId, integrationId, place, end, spans, only });
}

export class DeadLetterRetries {
  readonly #storage: Storage;
  readonly #wake: () => void;

  constructor(storage: Storage, wake: () => void) {
    this.#storage = storage;
    this.#wake = wake;
  }

  /** What waits for its turn has it where the events before it are over. */
  async goOn(): Promise<void> {
    const due = await this.#storage.deadLetterRetries.due();
    for (const retry of due)
      await this.#storage.transaction(async (stores) => await this.#take(stores, retry));
  }

  async #take(stores: Transaction, { integrationId, organizationId, sourceId }: PendingRetry): Promise<void> {
    // held, so that of two processes one takes them, and that a pause or a delete comes before or after
    if ((await stores.integrations.hold(organizationId, integrationId)) === undefined) return;
    const retry = (await stores.deadLetterRetries.due(integrationId)).find(
      (each) => each.sourceId === sourceId,
    );
    if (retry === undefined) return;
    await stores.deadLetterRetries.drop(retry);
    await retryRange(stores, { id: integrationId, organizationId }, { ...retry, sendable: 0 });
    stores.afterCommit(async () => this.#wake());
  }
}
