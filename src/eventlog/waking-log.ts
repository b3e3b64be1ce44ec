/** An event log that says when something came in, so that this process need not wait for word from the database. */
import type { NewEvent } from '../core/webhook-event.ts';
import type { EventLog, LoggedEvent, SliceRequest } from './event-log.ts';

export class WakingLog implements EventLog {
  readonly #log: EventLog;
  readonly #wake: (organizationId: string) => void;

  constructor(log: EventLog, wake: (organizationId: string) => void) {
    this.#log = log;
    this.#wake = wake;
  }

  async append(organizationId: string, events: readonly NewEvent[]): Promise<void> {
    await this.#log.append(organizationId, events);
    this.#wake(organizationId);
  }

  async read(request: SliceRequest): Promise<readonly LoggedEvent[]> {
    return await this.#log.read(request);
  }
}
