/**
 * What must happen around a removal so that nothing is sent afterwards: this process stops what it has under way at
 * once, others are told, and where another process might still begin a request, the answer waits until it cannot.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { HeldIntegration } from '../storage/integration-store.ts';
import { mostNotificationBytes } from '../storage/notifications.ts';
import type { Transaction } from '../storage/storage.ts';

export const removalChannel = 'jackfield_integration_removed';

/** Told of removed integrations; must stop at once what it does with them. */
export type RemovalListener = (ids: readonly string[]) => void;

export class Removals {
  /** The name under which this process takes leases. */
  readonly processId: string;
  readonly #listeners = new Set<RemovalListener>();

  constructor(processId: string) {
    this.processId = processId;
  }

  onRemoval(listener: RemovalListener): void {
    this.#listeners.add(listener);
  }

  /** Inside the transaction that removes: has everybody told when it commits. */
  async announce(stores: Transaction, held: readonly HeldIntegration[]): Promise<void> {
    const ids = held.map((each) => each.integration.id);
    for (const payload of packIds(ids)) await stores.notify(removalChannel, payload);
    const foreign = held.flatMap(({ verification }) =>
      verification !== undefined && verification.owner !== this.processId ? [verification.leftMs] : [],
    );
    stores.afterCommit(async () => {
      this.removed(ids);
      if (foreign.length > 0) await delay(Math.max(...foreign));
    });
  }

  /** Another process has removed them, or this one. */
  removed(ids: readonly string[]): void {
    for (const listener of this.#listeners) listener(ids);
  }
}

/** Payload of a notification → ids. */
export function unpackIds(payload: string): readonly string[] {
  return payload === '' ? [] : payload.split(',');
}

function packIds(ids: readonly string[]): readonly string[] {
  const idBytes = 'intg_000000000000,'.length;
  const perPayload = Math.floor(mostNotificationBytes / idBytes);
  const payloads = [];
  for (let at = 0; at < ids.length; at += perPayload) payloads.push(ids.slice(at, at + perPayload).join());
  return payloads;
}
