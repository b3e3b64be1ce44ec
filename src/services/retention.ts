/** Keeps a place ready for the events of the coming days, and drops the days that are past their time. */
import type { Storage } from '../storage/storage.ts';
import type { ForwardingMetrics } from '../telemetry/forwarding-metrics.ts';
import type { Logger } from '../telemetry/logger.ts';

const dayMs = 24 * 60 * 60 * 1_000;
/** Nobody needs to look after the service for so long. */
const daysAhead = 7;

export interface RetentionParts {
  readonly storage: Storage;
  readonly days: number;
  readonly now: () => Date;
  readonly logger: Logger;
  readonly metrics: ForwardingMetrics;
}

export class Retention {
  readonly #parts: RetentionParts;

  constructor(parts: RetentionParts) {
    this.#parts = parts;
  }

  async keepUp(): Promise<void> {
    const { storage, days, now } = this.#parts;
    const time = now().getTime();
    for (let day = 0; day <= daysAhead; day++) {
      await storage.retention.createPartition(new Date(time + day * dayMs));
    }
    const before = new Date(time - days * dayMs);
    await this.#drop(before);
    await storage.retention.forget(before);
    await storage.removedCursors.forget(before);
  }

  /** What an integration has not got by now is counted, and shown with its delivery. */
  async #drop(before: Date): Promise<void> {
    const { storage, logger, metrics } = this.#parts;
    const midnight = new Date(Math.floor(before.getTime() / dayMs) * dayMs);
    const missed = await storage.transaction(async (stores) => {
      const old = await stores.retention.oldPartitions(before);
      if (old.length === 0) return [];
      const passed = await stores.retention.passBy(midnight);
      for (const partition of old) await stores.retention.drop(partition);
      return passed;
    });
    for (const { integrationId, organizationId, events } of missed) {
      metrics.eventsMissed(events);
      logger.warn(
        { integration: integrationId, organization: organizationId, events },
        'events were dropped before they could be sent',
      );
    }
  }
}
