/** What other processes on the same database say, and who is to hear it. */
import type { Config } from './config/config.ts';
import { appendedChannel } from './eventlog/sql-event-log.ts';
import type { Forwarder } from './forwarder/forwarder.ts';
import { type Changes, changedChannel } from './services/changes.ts';
import { pauseChannel, type Removals, removalChannel, stoppedChannel } from './services/removals.ts';
import type { VerificationService } from './services/verification.ts';
import { Listener } from './storage/notifications.ts';
import type { Storage } from './storage/storage.ts';
import type { Logger } from './telemetry/logger.ts';

export interface HearingParts {
  readonly logger: Logger;
  readonly storage: Storage;
  readonly removals: Removals;
  readonly verification: VerificationService;
  readonly forwarder: Forwarder;
  readonly changes: Changes;
}

/** With the embedded database there is no other process to hear from. */
export async function hearOthers({ database }: Config, parts: HearingParts): Promise<Listener | undefined> {
  if (database.kind === 'embedded') return undefined;
  const { logger, storage, removals, verification, forwarder, changes } = parts;
  /** A removal may have been among what was not heard. */
  const stopAll = () => {
    verification.abortAll();
    forwarder.dropAll();
  };
  const listener = new Listener({
    url: database.url,
    channels: {
      [removalChannel]: (payload) => void removals.heardRemoval(storage, payload, logger),
      [pauseChannel]: (payload) => void removals.heardPause(storage, payload, logger),
      [stoppedChannel]: (payload) => removals.heardStopped(payload),
      [changedChannel]: (payload) => changes.heard(payload),
      [appendedChannel]: (organizationId) => forwarder.wake(organizationId),
    },
    onGap: (error) => {
      logger.warn({ err: error }, 'word from other processes was lost for a while');
      stopAll();
      changes.missed();
    },
    // what began in between may belong to what was removed in between
    onReturn: stopAll,
  });
  await listener.start();
  return listener;
}
