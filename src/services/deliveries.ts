/** How events reach an integration, as its owner sees and steers it. */
import { type AuditAction, auditEntry } from '../core/audit.ts';
import { type EmailEvent, kindsOf } from '../core/email-event.ts';
import { AppError } from '../core/errors.ts';
import type { Integration } from '../core/integration.ts';
import type { Caller } from '../core/principal.ts';
import { countWaiting } from '../eventlog/cursor.ts';
import { type DeadLetterRecord, mostAtOnce, mostDiscarded } from '../eventlog/dead-letter-store.ts';
import type { AttemptRecord } from '../eventlog/delivery-log-store.ts';
import type { CursorState, RemainingReplay } from '../eventlog/delivery-rows.ts';
import type { Catalog } from '../providers/catalog.ts';
import type { Stores, Transaction } from '../storage/storage.ts';
import { replayEvents, retryAll, retryChosen, retryRange } from './dead-letter-retries.ts';
import type { IntegrationService } from './integrations.ts';
import type { Removals } from './removals.ts';

export interface DeliveryState {
  readonly state: 'running' | 'backing_off' | 'paused';
  /** Of the live cursor and of every replay. */
  readonly waiting: number;
  /** When the event came in that waits longest; null where none does. Replays do not count. */
  readonly oldestWaitingAt: Date | null;
  /** Events that retention dropped before they were sent. */
  readonly missed: number;
  readonly deadLetters: number;
  readonly replays: number;
  readonly lastSuccessAt: Date | null;
  readonly lastError: string | null;
  readonly lastErrorAt: Date | null;
  readonly nextAttemptAt: Date | null;
}

export type ReplayWish =
  | {
      readonly kind: 'time';
      readonly from: Date;
      readonly to: Date | undefined;
      readonly events: readonly EmailEvent[] | undefined;
    }
  | { readonly kind: 'removed'; readonly integrationId: string };

export interface PageById<T> {
  readonly items: readonly T[];
  readonly next: number | undefined;
}

export interface Cut {
  readonly before: number | undefined;
  readonly limit: number;
}

export interface DeliveryParts {
  readonly stores: Stores;
  readonly integrations: IntegrationService;
  readonly catalog: Catalog;
  readonly removals: Removals;
  /** There is work for the forwarder, in this process or another. */
  readonly wake: () => void;
}

export class DeliveryService {
  readonly #parts: DeliveryParts;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  /** @throws AppError integrations_not_found, forwards_no_events */
  async state(caller: Caller, id: string): Promise<DeliveryState> {
    const { stores } = this.#parts;
    await this.#require(caller, id);
    const { id: organizationId } = caller.organization;
    const cursors = await stores.deliveries.states(organizationId, [id]);
    const live = cursors.find((cursor) => cursor.kind === 'live');
    return {
      state: stateOf(live),
      waiting: cursors.reduce((sum, cursor) => sum + cursor.waiting, 0),
      oldestWaitingAt: live ? await stores.deliveryLog.oldestWaiting(organizationId, live) : null,
      missed: live?.missed ?? 0,
      deadLetters: await stores.deadLetters.count(organizationId, id),
      replays: cursors.length - 1,
      lastSuccessAt: live?.lastSuccessAt ?? null,
      lastError: live?.lastError ?? null,
      lastErrorAt: live?.lastErrorAt ?? null,
      nextAttemptAt: live?.nextAttemptAt ?? null,
    };
  }

  /** How many events wait for an integration; zero for one that takes none. */
  async waiting(caller: Caller, id: string): Promise<number> {
    const cursors = await this.#parts.stores.deliveries.states(caller.organization.id, [id]);
    return cursors.reduce((sum, cursor) => sum + cursor.waiting, 0);
  }

  /** Newest first. @throws AppError integrations_not_found, forwards_no_events */
  async attempts(caller: Caller, id: string, cut: Cut): Promise<PageById<AttemptRecord>> {
    await this.#require(caller, id);
    const { deliveryLog } = this.#parts.stores;
    const options = { before: cut.before, limit: cut.limit + 1 };
    return toPage(await deliveryLog.attempts(caller.organization.id, id, options), cut.limit);
  }

  /** Newest first. @throws AppError integrations_not_found, forwards_no_events */
  async deadLetters(caller: Caller, id: string, cut: Cut): Promise<PageById<DeadLetterRecord>> {
    await this.#require(caller, id);
    const { deadLetters } = this.#parts.stores;
    const options = { before: cut.before, limit: cut.limit + 1 };
    return toPage(await deadLetters.list(caller.organization.id, id, options), cut.limit);
  }

  /** @throws AppError integrations_not_found, forwards_no_events */
  async setPaused(caller: Caller, id: string, paused: boolean): Promise<void> {
    await this.#require(caller, id);
    await this.#change(caller, id, paused ? 'integration.paused' : 'integration.resumed', async (stores) => {
      const changed = await stores.deliveries.setPaused(caller.organization.id, id, paused);
      if (paused) await this.#stopWorkers(stores, caller, id);
      return changed ? {} : undefined;
    });
  }

  /** @returns how many events will be sent. @throws AppError as above, nothing_to_replay */
  async replay(caller: Caller, id: string, wish: ReplayWish): Promise<number> {
    const integration = await this.#require(caller, id);
    // counted before anything is held
    const part = wish.kind === 'time' ? await partOf(this.#parts.stores, integration, wish) : undefined;
    let events = 0;
    await this.#change(caller, id, 'integration.replayed', async (stores) => {
      events =
        wish.kind === 'time'
          ? await replayTime(stores, integration, part)
          : await replayRemoved(stores, integration, wish.integrationId);
      return { ...wish, events };
    });
    return events;
  }

  /**
   * Undefined ids: all of them. Those whose events the log has no more stay.
   * @returns how many. @throws AppError integrations_not_found, forwards_no_events
   */
  async retryDead(caller: Caller, id: string, ids: readonly number[] | undefined): Promise<number> {
    const integration = await this.#require(caller, id);
    let count = 0;
    await this.#change(caller, id, 'dead_letters.retried', async (stores) => {
      count =
        ids === undefined
          ? await retryAll(stores, integration, id)
          : await retryChosen(stores, integration, ids);
      return count === 0 ? undefined : { events: count };
    });
    return count;
  }

  /**
   * Undefined ids: all there are now, part by part, each done and audited by itself.
   * @returns how many. @throws AppError integrations_not_found, forwards_no_events
   */
  async discardDead(caller: Caller, id: string, ids: readonly number[] | undefined): Promise<number> {
    await this.#require(caller, id);
    const organizationId = caller.organization.id;
    if (ids !== undefined)
      return await this.#discard(
        caller,
        id,
        async (letters) => await letters.discardChosen(organizationId, id, ids),
      );
    const { range } = await this.#parts.stores.deadLetters.extent(organizationId, id);
    let count = 0;
    for (let part = mostDiscarded; part === mostDiscarded; count += part) {
      part = await this.#discard(
        caller,
        id,
        async (letters) => await letters.discardNext(organizationId, id, range.upTo),
      );
    }
    return count;
  }

  async #discard(
    caller: Caller,
    id: string,
    discard: (letters: Stores['deadLetters']) => Promise<number>,
  ): Promise<number> {
    let count = 0;
    await this.#change(caller, id, 'dead_letters.discarded', async (stores) => {
      count = await discard(stores.deadLetters);
      return count === 0 ? undefined : { events: count };
    });
    return count;
  }

  /** Also where it was paused already: whoever asks twice wants to be sure. */
  async #stopWorkers(stores: Transaction, caller: Caller, id: string): Promise<void> {
    const cursors = await stores.deliveries.states(caller.organization.id, [id]);
    const holders = cursors.flatMap(({ leaseOwner }) => (leaseOwner === null ? [] : [leaseOwner]));
    await this.#parts.removals.announcePause(stores, id, holders);
  }

  async #require(caller: Caller, id: string): Promise<Integration> {
    const { catalog, integrations } = this.#parts;
    const integration = await integrations.describe(caller, { id, providers: catalog.inCategory(undefined) });
    if (!catalog.get(integration.provider).takesEmailEvents)
      throw new AppError({ code: 'forwards_no_events' });
    return integration;
  }

  /** `change` answers the audit entry's details, or undefined where nothing changed. */
  async #change(
    caller: Caller,
    id: string,
    action: AuditAction,
    change: (stores: Transaction) => Promise<Readonly<Record<string, unknown>> | undefined>,
  ): Promise<void> {
    await this.#parts.stores.transaction(async (stores) => {
      // held, so that a delete and this have one winner, and that no replay begins beside a pause that does not see it
      const integration = await stores.integrations.hold(caller.organization.id, id);
      if (integration === undefined)
        throw new AppError({ code: 'integrations_not_found', ids: [id], uses: [] });
      const details = await change(stores);
      if (details === undefined) return;
      await stores.audit.append(auditEntry(caller, action, { type: 'integration', id }, details));
      stores.afterCommit(async () => this.#parts.wake());
    });
  }
}

type LogPart = RemainingReplay & { readonly events: number };

/** What of the log was accepted in a time. Undefined: nothing that is wanted. */
async function partOf(
  { places }: Stores,
  { organizationId, emailEvents }: Integration,
  { from, to, events: wanted }: Extract<ReplayWish, { kind: 'time' }>,
): Promise<LogPart | undefined> {
  const now = await places.end(organizationId);
  const end = to === undefined ? now : await places.at(organizationId, to, now);
  const place = await places.at(organizationId, from, end);
  const spans = [{ fromPosition: 0, kinds: kindsOf(wanted ?? emailEvents), totals: place.totals }];
  const events = countWaiting(place, spans, end);
  return events > 0 ? { place, spans, end, events } : undefined;
}

async function replayTime(
  stores: Transaction,
  { organizationId, id: integrationId }: Integration,
  part: LogPart | undefined,
): Promise<number> {
  if (part === undefined) return 0;
  const { place, spans, end, events } = part;
  await stores.deliveries.startReplay({ organizationId, integrationId, place, spans, end, only: undefined });
  return events;
}

/** Exactly what the removed integration had not got, as far as the log still has it. @returns how many events */
async function replayRemoved(
  stores: Transaction,
  integration: Integration,
  removedId: string,
): Promise<number> {
  const { organizationId, id: integrationId } = integration;
  const removed = await stores.removedCursors.find(organizationId, removedId);
  if (removed === undefined) throw new AppError({ code: 'nothing_to_replay', id: removedId });
  let events = await retryAll(stores, integration, removedId);
  for (let from = 0; from < removed.deadPositions.length; from += mostAtOnce) {
    const positions = removed.deadPositions.slice(from, from + mostAtOnce);
    const retried = await stores.deliveries.eventsAt(organizationId, positions);
    await replayEvents(stores, integration, retried);
    events += retried.length;
  }
  for (const retry of removed.retries) {
    events += await retryRange(stores, integration, { ...retry, sendable: retry.rest });
  }
  for (const remaining of [...removed.replays, removed]) {
    const rest = await stores.places.left(organizationId, remaining);
    if (rest === undefined) continue;
    const { place, spans, end } = rest;
    const count = countWaiting(place, spans, end);
    if (count === 0) continue;
    await stores.deliveries.startReplay({
      organizationId,
      integrationId,
      place,
      spans,
      end,
      only: undefined,
    });
    events += count;
  }
  return events;
}

function stateOf(live: CursorState | undefined): DeliveryState['state'] {
  if (live === undefined || live.paused) return 'paused';
  return live.attempt > 0 ? 'backing_off' : 'running';
}

export function toPage<T extends { readonly id: number }>(rows: readonly T[], limit: number): PageById<T> {
  const items = rows.slice(0, limit);
  return { items, next: rows.length > limit ? items.at(-1)?.id : undefined };
}
