/**
 * What must happen around a removal or a pause so that nothing is sent afterwards: this process stops what it has under
 * way at once, others are told, and where another process held a lease, the answer waits until that one has said that
 * it stopped, or until no lease can be fresh enough to begin a request under.
 */
import { randomUUID } from 'node:crypto';
import { mostNotificationBytes } from '../storage/notifications.ts';
import type { Storage, Transaction } from '../storage/storage.ts';
import type { Logger } from '../telemetry/logger.ts';

export const removalChannel = 'jackfield_integration_removed';
export const pauseChannel = 'jackfield_delivery_paused';
export const stoppedChannel = 'jackfield_integration_stopped';

/** No request begins under a lease that was confirmed longer ago than this. */
const leaseFreshMs = 2_000;

/** Only the last of several notifications of one removal is answered: they arrive in order. */
const lastPart = 'last';

/** Told of removed integrations; must stop at once what it does with them. */
export type RemovalListener = (ids: readonly string[]) => void;

export class Removals {
  /** The name under which this process takes leases. */
  readonly processId: string;
  readonly #listeners = new Set<RemovalListener>();
  readonly #pauseListeners = new Set<RemovalListener>();
  /** Per removal or pause that waits: who has not yet said that it stopped. */
  readonly #awaited = new Map<string, { readonly owners: Set<string>; readonly done: () => void }>();

  constructor(processId: string) {
    this.processId = processId;
  }

  onRemoval(listener: RemovalListener): void {
    this.#listeners.add(listener);
  }

  /** Told of integrations whose delivery was paused; must stop it at once. */
  onPause(listener: RemovalListener): void {
    this.#pauseListeners.add(listener);
  }

  /** A signal that ends a request at once when its integration is removed, until disposed of. */
  watch(id: string): Disposable & { readonly signal: AbortSignal } {
    const abort = new AbortController();
    const listener: RemovalListener = (ids) => {
      if (ids.includes(id)) abort.abort();
    };
    this.#listeners.add(listener);
    return { signal: abort.signal, [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** Inside the transaction that removes: has everybody told when it commits, and waits for the holders of leases. */
  async announce(stores: Transaction, ids: readonly string[], holders: readonly string[]): Promise<void> {
    await this.#announce(stores, { channel: removalChannel, listeners: this.#listeners, ids, holders });
  }

  /** Inside the transaction that pauses a delivery: the same. */
  async announcePause(stores: Transaction, id: string, holders: readonly string[]): Promise<void> {
    const notice = { channel: pauseChannel, listeners: this.#pauseListeners, ids: [id], holders };
    await this.#announce(stores, notice);
  }

  async #announce(stores: Transaction, { channel, listeners, ids, holders }: Notice): Promise<void> {
    const removalId = randomUUID();
    const owners = new Set(holders.filter((owner) => owner !== this.processId));
    // before anybody can be told: an answer must not come earlier than somebody waits for it
    const stopped = owners.size === 0 ? undefined : this.#await(removalId, owners);
    for (const payload of pack(removalId, ids)) await stores.notify(channel, payload);
    stores.afterCommit(async () => {
      tell(listeners, ids);
      await stopped?.();
    });
  }

  /** Another process, or this one, has removed integrations. Says so when they are stopped here. */
  async heardRemoval(storage: Storage, payload: string, logger: Logger): Promise<void> {
    await this.#heard(this.#listeners, payload, { storage, logger });
  }

  /** Another process, or this one, has paused a delivery. Says so when it is stopped here. */
  async heardPause(storage: Storage, payload: string, logger: Logger): Promise<void> {
    await this.#heard(this.#pauseListeners, payload, { storage, logger });
  }

  async #heard(
    listeners: ReadonlySet<RemovalListener>,
    payload: string,
    { storage, logger }: { readonly storage: Storage; readonly logger: Logger },
  ): Promise<void> {
    const [removalId = '', part = '', ...ids] = payload.split(',');
    tell(listeners, ids);
    if (part !== lastPart) return;
    try {
      await storage.notify(stoppedChannel, `${removalId},${this.processId}`);
    } catch (error) {
      logger.warn({ err: error }, 'another process waits for a lease to end instead of our word');
    }
  }

  /** Another process has stopped what it did with removed integrations. */
  heardStopped(payload: string): void {
    const [removalId = '', owner = ''] = payload.split(',');
    const awaited = this.#awaited.get(removalId);
    awaited?.owners.delete(owner);
    if (awaited?.owners.size === 0) awaited.done();
  }

  /** @returns what waits, for the owners or the end of their leases; the time counts from its call. */
  #await(removalId: string, owners: Set<string>): () => Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#awaited.set(removalId, { owners, done: resolve });
    // where the transaction never commits nobody calls what is returned
    const forgotten = setTimeout(() => this.#awaited.delete(removalId), 60_000).unref();
    return async () => {
      const timer = setTimeout(resolve, leaseFreshMs);
      await promise;
      clearTimeout(timer);
      clearTimeout(forgotten);
      this.#awaited.delete(removalId);
    };
  }
}

interface Notice {
  readonly channel: string;
  readonly listeners: ReadonlySet<RemovalListener>;
  readonly ids: readonly string[];
  readonly holders: readonly string[];
}

function tell(listeners: ReadonlySet<RemovalListener>, ids: readonly string[]): void {
  for (const listener of listeners) listener(ids);
}

function pack(removalId: string, ids: readonly string[]): readonly string[] {
  const idBytes = 'intg_000000000000,'.length;
  const perPayload = Math.floor((mostNotificationBytes - removalId.length - ',more,'.length) / idBytes);
  const payloads = [];
  for (let at = 0; at < ids.length; at += perPayload) {
    const part = at + perPayload >= ids.length ? lastPart : 'more';
    payloads.push([removalId, part, ...ids.slice(at, at + perPayload)].join());
  }
  return payloads;
}
