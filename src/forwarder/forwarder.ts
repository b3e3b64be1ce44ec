/**
 * Forwards email events: claims cursors that have work, runs each in a slot of its own, and waits to be woken. What a
 * slow destination costs the others is bounded by slots.ts.
 */
import { z } from 'zod';
import type { Attempt, CursorStore, HeldCursor } from '../eventlog/cursor-store.ts';
import type { EventLog } from '../eventlog/event-log.ts';
import type { Delivery, Destination } from '../providers/delivery.ts';
import type { ForwardingMetrics, Held } from '../telemetry/forwarding-metrics.ts';
import { figuresOnly, type Logger } from '../telemetry/logger.ts';
import type { Vault } from '../vault/vault.ts';
import { lookEveryMs, nextLookMs } from './back-off.ts';
import { Budget } from './budget.ts';
import { Refusals } from './refusals.ts';
import { Run } from './run.ts';
import { roomBeside } from './slots.ts';

/** Of events in memory, as they stand in the log. With what is made of them to be sent they take about four times as much. */
const mostBytesInHand = 24 * 1024 * 1024;

const credentialsForm = z.record(z.string(), z.string());

export interface ForwarderParts {
  readonly cursors: CursorStore;
  readonly log: EventLog;
  readonly vault: Vault;
  readonly delivery: Delivery;
  readonly logger: Logger;
  readonly metrics: ForwardingMetrics;
  /** What waits for an organization's integrations, or how they fare, is no longer what it was. */
  readonly onProgress: (organizationId: string) => void;
  readonly processId: string;
  /** A worker that says nothing for so long has lost what it held. */
  readonly leaseMs: number;
}

interface ActiveRun {
  readonly run: Run;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
}

export class Forwarder {
  readonly #parts: ForwarderParts;
  readonly #batchLog: Logger;
  readonly #active = new Set<ActiveRun>();
  readonly #budget = new Budget(mostBytesInHand);
  readonly #refusals = new Refusals();
  /** There was no slot left at the last look. */
  #othersWait = false;
  /** Organizations with new events since the last look. */
  #woken = new Set<string>();
  /**
   * When all cursors are looked at again, by the monotonic clock: however much is heard of some, in time. The safety net
   * for a lost wake-up, and the clock for back-offs that end.
   */
  #allDueAt = 0;
  /** Since the last claim was sent: its answer may bring what has been removed meanwhile. */
  #dropped = new Set<string>();
  #allDropped = false;
  #wake = Promise.withResolvers<void>();
  #stopped = false;
  #loop: Promise<void> | undefined;

  constructor(parts: ForwarderParts) {
    this.#parts = parts;
    this.#batchLog = figuresOnly(parts.logger);
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** What this process has in hand. */
  get held(): Omit<Held, 'intakeBytes'> {
    const { inUse: deliveryBytes, waiting: waitingForMemory } = this.#budget;
    return { activeDeliveries: this.#active.size, deliveryBytes, waitingForMemory };
  }

  /** There may be new work; without an organization: anywhere. */
  wake(organizationId?: string): void {
    if (organizationId === undefined) this.#allDueAt = 0;
    else this.#woken.add(organizationId);
    this.#wake.resolve();
  }

  /** Aborts what is on the wire for these integrations and lets nothing further begin. */
  drop(integrationIds: readonly string[]): void {
    for (const id of integrationIds) this.#dropped.add(id);
    for (const { run, abort } of this.#active) if (this.#dropped.has(run.integrationId)) abort.abort();
  }

  dropAll(): void {
    this.#allDropped = true;
    for (const { abort } of this.#active) abort.abort();
  }

  /** Aborts everything and hands all leases back, so that another worker goes on at once. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.wake();
    this.dropAll();
    await this.#loop;
    await Promise.all([...this.#active].map(async ({ ended }) => await ended));
    await this.#parts.cursors.releaseAll(this.#parts.processId);
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const claimed = await this.#claim();
      if (claimed === 0 && !this.#stopped) await this.#rest();
    }
  }

  async #claim(): Promise<number> {
    const { cursors, processId, leaseMs, logger } = this.#parts;
    // made anew before looking: what arrives while this looks leads to another look
    this.#wake = Promise.withResolvers();
    this.#dropped = new Set();
    this.#allDropped = this.#stopped;
    const { most, mostFailing } = roomBeside(this.#active, performance.now());
    this.#othersWait = most === 0;
    if (most === 0) return 0;
    const organizationIds = performance.now() < this.#allDueAt ? [...this.#woken] : undefined;
    this.#woken = new Set();
    if (organizationIds?.length === 0) return 0;
    const askedAt = performance.now();
    const dueAt = askedAt + lookEveryMs;
    if (organizationIds === undefined) this.#allDueAt = dueAt;
    try {
      const held = await cursors.claim({ owner: processId, leaseMs, most, mostFailing, organizationIds });
      // unless somebody has asked for another one meanwhile
      if (organizationIds === undefined && this.#allDueAt === dueAt)
        this.#allDueAt = performance.now() + nextLookMs(performance.now() - askedAt);
      // where every slot was filled there may be more
      if (held.length === most) this.#allDueAt = 0;
      for (const cursor of held) this.#begin(cursor, askedAt);
      return held.length;
    } catch (error) {
      logger.warn({ err: error }, 'no work could be claimed');
      return 0;
    }
  }

  async #rest(): Promise<void> {
    const wake = this.#wake;
    // a timer may be a moment early
    const dueInMs = Math.ceil(this.#allDueAt - performance.now()) + 1;
    const timer = setTimeout(() => wake.resolve(), Math.max(lookEveryMs, dueInMs));
    await wake.promise;
    clearTimeout(timer);
  }

  #begin(cursor: HeldCursor, claimedAt: number): void {
    const { cursors, log, delivery, processId, leaseMs, logger } = this.#parts;
    const { organizationId } = cursor;
    const abort = new AbortController();
    if (this.#allDropped || this.#dropped.has(cursor.integrationId)) abort.abort();
    const parts = {
      cursors,
      log,
      delivery,
      budget: this.#budget,
      refusals: this.#refusals,
      othersWait: () => this.#othersWait,
      owner: processId,
      leaseMs,
      openDestination: async (held: HeldCursor) => await this.#open(held),
      onAttempt: (held: HeldCursor, attempt: Attempt) => this.#report(held, attempt),
      random: Math.random,
    };
    const run = new Run(parts, cursor, claimedAt, abort.signal);
    const ended = run
      .toEnd()
      .catch((error: unknown) =>
        logger.warn({ err: error, integration: cursor.integrationId }, 'forwarding failed'),
      )
      .finally(() => {
        this.#active.delete(active);
        this.#parts.onProgress(organizationId);
        // something may have come in while the cursor was let go of; and where there was no slot, elsewhere too
        this.wake(this.#othersWait ? undefined : organizationId);
      });
    const active = { run, abort, ended };
    this.#active.add(active);
  }

  async #open({
    integrationId,
    organizationId,
    dataKey,
    sealed,
    settings,
  }: HeldCursor): Promise<Destination> {
    const secret = await this.#parts.vault.open(dataKey, { organizationId, recordId: integrationId }, sealed);
    return { integrationId, settings, credentials: credentialsForm.parse(JSON.parse(secret.reveal())) };
  }

  #report({ integrationId, organizationId, provider }: HeldCursor, attempt: Attempt): void {
    const { outcome, events, latencyMs, status } = attempt;
    // without an answer and yet rejected: no request was made
    const seconds = outcome === 'rejected' && status === undefined ? undefined : latencyMs / 1_000;
    this.#parts.onProgress(organizationId);
    this.#parts.metrics.batchSent({ provider, outcome, events, seconds });
    const { answer: _, ...figures } = attempt;
    this.#batchLog.info({ integration: integrationId, organization: organizationId, ...figures }, 'batch');
  }
}
