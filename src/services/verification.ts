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
const verifiedAtOnce = 8;
/** A claim that nobody settled, because its process died, is due again then: after any request has ended. */
const overdueMs = 15_000;
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
  readonly #verifying = new Set<Promise<void>>();
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
    this.abortAll();
    await this.#loop;
    await Promise.all(this.#verifying);
  }

  /** Requests that began before messages were lost might belong to what was removed meanwhile. */
  abortAll(): void {
    this.#abort([...this.#underWay.keys()]);
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      // made anew before looking: what becomes due while this looks leads to another look
      this.#wake = Promise.withResolvers();
      const claimed = await this.#claim();
      if (claimed === 0 && !this.#stopped) await this.#rest();
    }
  }

  /** Takes as much as there are free hands; one provider that hangs occupies one of them. */
  async #claim(): Promise<number> {
    const { storage, catalog, removals, logger } = this.#parts;
    const most = verifiedAtOnce - this.#verifying.size;
    if (most === 0) return 0;
    const providers = catalog.providers.filter((each) => each.verify !== undefined).map((each) => each.name);
    const claimedAt = performance.now();
    this.#removed.clear();
    try {
      const options = { owner: removals.processId, providers, most, leaseMs, againMs: overdueMs };
      const claims = await storage.verifications.claim(options);
      // a removal may have overtaken the answer to the claim
      const present = claims.filter(({ integrationId }) => !this.#removed.has(integrationId));
      for (const claim of present) this.#begin(claim, claimedAt);
      return claims.length;
    } catch (error) {
      logger.warn({ err: error }, 'no credentials could be claimed for verification');
      return 0;
    }
  }

  async #rest(): Promise<void> {
    const timer = setTimeout(() => this.wake(), pollMs);
    await this.#wake.promise;
    clearTimeout(timer);
  }

  #begin(claim: VerificationClaim, claimedAt: number): void {
    const { integrationId } = claim;
    const removed = new AbortController();
    this.#underWay.set(integrationId, removed);
    const verifying = this.#verify(claim, removed.signal, claimedAt)
      .catch((error: unknown) =>
        this.#parts.logger.warn(
          { err: error, integration: integrationId },
          'a verification was not recorded',
        ),
      )
      .finally(() => {
        this.#underWay.delete(integrationId);
        this.#verifying.delete(verifying);
        this.wake();
      });
    this.#verifying.add(verifying);
  }

  async #verify(claim: VerificationClaim, removed: AbortSignal, claimedAt: number): Promise<void> {
    const { storage, removals, logger } = this.#parts;
    const { integrationId: integration, attempt } = claim;
    const outcome = await this.#ask(claim, removed, claimedAt);
    if (outcome === 'unknown') {
      await storage.verifications.postpone(claim, removals.processId, backOffMs(attempt));
    } else await storage.verifications.settle(claim, removals.processId, outcome);
    logger.info({ integration, outcome, attempt }, 'credentials checked');
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
