/**
 * Verifies credentials in the background: asks the provider whether they are good and records what it says. Never in
 * the way of a caller, and never after a removal: a request begins only under a lease that the database has just
 * confirmed, a removal waits for leases of other processes, and a request on the wire is aborted.
 */
import { z } from 'zod';
import type { Catalog } from '../providers/catalog.ts';
import type { VerificationOutcome } from '../providers/provider.ts';
import type { Storage } from '../storage/storage.ts';
import type { VerificationClaim } from '../storage/verification-store.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Vault } from '../vault/vault.ts';
import type { Removals } from './removals.ts';

/** The safety net; a change in this process wakes the loop at once. */
const pollMs = 2_000;
const claimedAtOnce = 8;
/** A request must have begun by then. A removal elsewhere waits no longer than this. */
const leaseMs = 2_000;
/** Younger than this the lease is surely still ours when the first byte leaves: connecting is bounded to 1 s. */
const startWithinMs = 750;
const requestTimeoutMs = 10_000;
const backOff = { firstMs: 5_000, mostMs: 60 * 60_000 } as const;

const credentials = z.record(z.string(), z.string());

export interface VerificationParts {
  readonly storage: Storage;
  readonly vault: Vault;
  readonly catalog: Catalog;
  readonly removals: Removals;
  readonly logger: Logger;
}

export class VerificationService {
  readonly #parts: VerificationParts;
  readonly #underWay = new Map<string, AbortController>();
  /** Since the last claim was sent: its answer may bring what has been removed meanwhile. */
  readonly #removed = new Set<string>();
  #wake = Promise.withResolvers<void>();
  #stopped = false;
  #loop: Promise<void> | undefined;

  constructor(parts: VerificationParts) {
    this.#parts = parts;
    parts.removals.onRemoval((ids) => this.#forget(ids));
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** Something new may be due. */
  wake(): void {
    this.#wake.resolve();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.wake();
    this.#abort([...this.#underWay.keys()]);
    await this.#loop;
  }

  /** Requests that began before messages were lost might belong to what was removed meanwhile. */
  abortAll(): void {
    this.#abort([...this.#underWay.keys()]);
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const claimed = await this.#round();
      if (claimed === 0 && !this.#stopped) await this.#waitForWork();
    }
  }

  async #round(): Promise<number> {
    const { storage, catalog, removals, logger } = this.#parts;
    const providers = catalog.providers.filter((each) => each.verify !== undefined).map((each) => each.name);
    try {
      const claimedAt = performance.now();
      this.#removed.clear();
      const options = { owner: removals.processId, providers, most: claimedAtOnce, leaseMs };
      const claims = await storage.verifications.claim({ ...options, againMs: backOff.firstMs });
      const present = claims.filter(({ integrationId }) => !this.#removed.has(integrationId));
      await Promise.all(present.map(async (claim) => await this.#verify(claim, claimedAt)));
      return claims.length;
    } catch (error) {
      logger.warn({ err: error }, 'credentials could not be verified');
      return 0;
    }
  }

  async #waitForWork(): Promise<void> {
    const timer = setTimeout(() => this.wake(), pollMs);
    await this.#wake.promise;
    clearTimeout(timer);
    this.#wake = Promise.withResolvers();
  }

  async #verify(claim: VerificationClaim, claimedAt: number): Promise<void> {
    const { storage, removals, logger } = this.#parts;
    const { integrationId } = claim;
    const removed = new AbortController();
    this.#underWay.set(integrationId, removed);
    try {
      const outcome = await this.#ask(claim, removed.signal, claimedAt);
      if (outcome === 'unknown') {
        await storage.verifications.postpone(claim, removals.processId, backOffMs(claim.attempt));
      } else await storage.verifications.settle(claim, removals.processId, outcome);
      logger.info({ integration: integrationId, outcome, attempt: claim.attempt }, 'credentials checked');
    } finally {
      this.#underWay.delete(integrationId);
    }
  }

  async #ask(
    claim: VerificationClaim,
    removed: AbortSignal,
    claimedAt: number,
  ): Promise<VerificationOutcome> {
    const { vault, catalog, logger } = this.#parts;
    const verify = catalog.find(claim.provider)?.verify;
    if (verify === undefined) return 'unknown';
    try {
      const binding = { organizationId: claim.organizationId, recordId: claim.integrationId };
      const secret = await vault.open(claim.dataKey, binding, claim.sealed);
      const opened = credentials.parse(JSON.parse(secret.reveal()));
      if (removed.aborted || this.#stopped || performance.now() - claimedAt > startWithinMs) return 'unknown';
      return await verify(opened, AbortSignal.any([removed, AbortSignal.timeout(requestTimeoutMs)]));
    } catch (error) {
      logger.info({ integration: claim.integrationId, err: error }, 'the provider could not be asked');
      return 'unknown';
    }
  }

  #forget(ids: readonly string[]): void {
    for (const id of ids) this.#removed.add(id);
    this.#abort(ids);
  }

  #abort(ids: readonly string[]): void {
    for (const id of ids) this.#underWay.get(id)?.abort();
  }
}

/** Doubles with each attempt, with up to a quarter more at random so that many do not come back together. */
function backOffMs(attempt: number): number {
  const plain = Math.min(backOff.firstMs * 2 ** (attempt - 1), backOff.mostMs);
  return Math.round(plain * (1 + Math.random() / 4));
}
