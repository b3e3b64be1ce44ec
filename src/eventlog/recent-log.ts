/**
 * An event log that remembers what this process appended last: a destination that keeps up gets it from memory, and
 * the database need not give back what it has just been given. What is remembered is bounded in bytes.
 */
import type { NewEvent } from '../core/webhook-event.ts';
import type { EventLog, LoggedEvent, LogSlice, SliceRequest } from './event-log.ts';

/** About half a second of the events that one process can take. */
const defaultMostBytes = 16 * 1024 * 1024;
/** What an event takes beside its texts. */
const eventOverheadBytes = 100;

/** Events that lie side by side: the others of their organization, from this or another process, come before or after. */
interface Run {
  readonly organizationId: string;
  readonly first: number;
  readonly last: number;
  readonly events: readonly NewEvent[];
  readonly bytes: number;
}

export class RecentLog implements EventLog {
  readonly #log: EventLog;
  readonly #mostBytes: number;
  /** In the order in which they were appended, which is that of their positions. */
  readonly #runs = new Map<string, Run[]>();
  readonly #oldestFirst: Run[] = [];
  #bytes = 0;

  constructor(log: EventLog, mostBytes = defaultMostBytes) {
    this.#log = log;
    this.#mostBytes = mostBytes;
  }

  async append(organizationId: string, events: readonly NewEvent[]): Promise<number> {
    const last = await this.#log.append(organizationId, events);
    this.#remember({
      organizationId,
      first: last - events.length + 1,
      last,
      events,
      bytes: events.reduce((sum, event) => sum + sizeOf(event), 0),
    });
    return last;
  }

  async read(request: SliceRequest): Promise<LogSlice> {
    return this.#recall(request) ?? (await this.#log.read(request));
  }

  /** Undefined where it is not known whether the next wanted event is among the remembered ones. */
  #recall({
    organizationId,
    after,
    upTo,
    kinds,
    only,
    limit,
    mostBytes,
  }: SliceRequest): LogSlice | undefined {
    if (only !== null) return undefined;
    const events: LoggedEvent[] = [];
    let bytes = 0;
    let known = after;
    const runs = this.#runs.get(organizationId) ?? [];
    for (let index = firstBehind(runs, after); index < runs.length; index++) {
      const run = runs[index];
      if (run === undefined || run.first > known + 1) break;
      const end = Math.min(run.last, upTo);
      for (let position = known + 1; position <= end; position++) {
        const event = run.events[position - run.first];
        if (event === undefined) return undefined;
        if (!kinds.includes(event.kind)) continue;
        if (events.length === limit || (bytes >= mostBytes && events.length > 0)) {
          return { events, upTo: position - 1 };
        }
        bytes += event.payload.length;
        events.push({ position, kind: event.kind, sgEventId: event.sgEventId, payload: event.payload });
      }
      known = end;
      if (known === upTo) return { events, upTo };
    }
    return events.length === 0 ? undefined : { events, upTo: known };
  }

  #remember(run: Run): void {
    const runs = this.#runs.get(run.organizationId);
    if (runs === undefined) this.#runs.set(run.organizationId, [run]);
    else runs.push(run);
    this.#oldestFirst.push(run);
    this.#bytes += run.bytes;
    while (this.#bytes > this.#mostBytes) this.#forgetOldest();
  }

  #forgetOldest(): void {
    const run = this.#oldestFirst.shift();
    if (run === undefined) return;
    this.#bytes -= run.bytes;
    const runs = this.#runs.get(run.organizationId);
    // the oldest of all is the oldest of its organization
    runs?.shift();
    if (runs?.length === 0) this.#runs.delete(run.organizationId);
  }
}

/** Which of the runs is the first to end after a position. */
function firstBehind(runs: readonly Run[], position: number): number {
  let low = 0;
  for (let high = runs.length; low < high; ) {
    const middle = (low + high) >> 1;
    if ((runs[middle]?.last ?? position) <= position) low = middle + 1;
    else high = middle;
  }
  return low;
}

function sizeOf({ payload, sgEventId }: NewEvent): number {
  return payload.length + sgEventId.length + eventOverheadBytes;
}
