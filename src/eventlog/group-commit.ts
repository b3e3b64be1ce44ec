/**
 * Concurrent posts of one organization share a commit: while one is on its way to the disk the next ones gather, and go
 * together. What is on its way is bounded in bytes; beyond that a post is refused at once, before memory grows.
 */
import { AppError } from '../core/errors.ts';
import type { NewEvent } from '../core/webhook-event.ts';
import type { EventLog } from './event-log.ts';

/** Parsed events take a few times their bytes; this keeps a process well below its memory aim. */
const mostBytesUnderWay = 32 * 1024 * 1024;
/** One statement with more rows than this only delays everybody who waits for it. */
const mostEventsAtOnce = 10_000;

interface Post {
  readonly events: readonly NewEvent[];
  readonly bytes: number;
  readonly done: PromiseWithResolvers<void>;
}

export class GroupCommit {
  readonly #log: EventLog;
  readonly #waiting = new Map<string, Post[]>();
  #bytes = 0;

  constructor(log: EventLog) {
    this.#log = log;
  }

  /** Bytes of events that are not yet durable. */
  get bytesUnderWay(): number {
    return this.#bytes;
  }

  /** Resolves once the events are durable. @throws AppError overloaded, without having taken anything */
  async append(organizationId: string, events: readonly NewEvent[], bytes: number): Promise<void> {
    if (this.#bytes > 0 && this.#bytes + bytes > mostBytesUnderWay)
      throw new AppError({ code: 'overloaded' });
    this.#bytes += bytes;
    const post = { events, bytes, done: Promise.withResolvers<void>() };
    const queue = this.#waiting.get(organizationId);
    if (queue === undefined) {
      this.#waiting.set(organizationId, [post]);
      void this.#drain(organizationId);
    } else queue.push(post);
    await post.done.promise.finally(() => {
      this.#bytes -= bytes;
    });
  }

  async #drain(organizationId: string): Promise<void> {
    for (;;) {
      const queue = this.#waiting.get(organizationId) ?? [];
      const group = takeGroup(queue);
      if (group.length === 0) {
        this.#waiting.delete(organizationId);
        return;
      }
      await this.#commit(organizationId, group);
    }
  }

  async #commit(organizationId: string, group: readonly Post[]): Promise<void> {
    try {
      await this.#log.append(
        organizationId,
        group.flatMap((post) => post.events),
      );
      for (const post of group) post.done.resolve();
    } catch (error) {
      for (const post of group) post.done.reject(error);
    }
  }
}

/** Takes posts off the queue, whole ones, up to the bound; a larger one goes alone. */
function takeGroup(queue: Post[]): readonly Post[] {
  const group: Post[] = [];
  let events = 0;
  for (;;) {
    const [next] = queue;
    if (next === undefined || (group.length > 0 && events + next.events.length > mostEventsAtOnce))
      return group;
    group.push(next);
    events += next.events.length;
    queue.shift();
  }
}
