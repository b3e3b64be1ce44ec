/** Keeps a place ready for the events of the coming days, and drops the days that are past their time. */
import type { LogDay, MissedEvents } from '../eventlog/retention-store.ts';
import { isLockTimeout } from '../storage/database-error.ts';
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
    await this.#dropOldDays(before);
    // events are found by the minutes of their day, also of one that could not be dropped yet
    const [left] = await storage.retention.oldDays(new Date(time - (days - 1) * dayMs));
    const keptFrom = new Date(Math.min((left?.end.getTime() ?? time) - dayMs, before.getTime()));
    await storage.retention.pruneFilters();
    await storage.retention.forget(before);
    await storage.minutes.forget(keptFrom);
    await storage.removedCursors.forget(before);
  }

  /** One after the other, so that whoever waits for it waits for one. */
  async #dropOldDays(before: Date): Promise<void> {
    const { retention } = this.#parts.storage;
    for (const day of await retention.oldDays(before)) {
      this.#tell(await retention.passBy(day.end));
      if (!(await this.#drop(day))) return;
    }
  }

  /** @returns false where it was left for the next time: another process is at it, or somebody reads the log for long. */
  async #drop(day: LogDay): Promise<boolean> {
    const { storage, logger } = this.#parts;
    try {
      const passed = await storage.transaction(async ({ retention }) => {
        if (!(await retention.hold())) return undefined;
        // who began there in between
        const missed = await retention.passBy(day.end);
        await retention.drop(day);
        return missed;
      });
      this.#tell(passed ?? []);
      return passed !== undefined;
    } catch (error) {
      if (!isLockTimeout(error)) throw error;
      logger.warn({ day: day.name }, 'an old day of the event log is being read, and is dropped later');
      return false;
    }
  }

  /** What an integration has not got by now is counted, and shown with its delivery. */
  #tell(missed: readonly MissedEvents[]): void {
    const { logger, metrics } = this.#parts;
    for (const { integrationId, organizationId, events } of missed) {
      metrics.eventsMissed(events);
      logger.warn(
        { integration: integrationId, organization: organizationId, events },
        'events were dropped before they could be sent',
      );
    }
  }
}
