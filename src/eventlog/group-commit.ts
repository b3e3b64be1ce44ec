/**
 * Concurrent posts of one organization share a commit: while one is on its way to the disk the next ones gather, and go
 * together. A commit is bounded: a large post takes several.
 */
import type { NewEvent } from '../core/webhook-event.ts';
import type { EventLog } from './event-log.ts';

/** One statement with more rows, or more characters of them, only delays everybody who waits for it. */
const mostEventsAtOnce = 10_000;
const mostCharactersAtOnce = 4 * 1024 * 1024;

interface Post {
  readonly done: PromiseWithResolvers<void>;
  pieces: number;
  failed: boolean;
}

/** Events of one post that go in one statement. */
interface Piece {
  readonly post: Post;
  readonly events: readonly NewEvent[];
  readonly characters: number;
}

export class GroupCommit {
  readonly #log: EventLog;
  readonly #waiting = new Map<string, Piece[]>();

  constructor(log: EventLog) {
    this.#log = log;
  }

  /** Resolves once all of the events are durable. Where it fails, some may be: whoever repeats them does no harm. */
  async append(organizationId: string, events: readonly NewEvent[]): Promise<void> {
    const post: Post = { done: Promise.withResolvers<void>(), pieces: 0, failed: false };
    const pieces = cut(post, events);
    post.pieces = pieces.length;
    if (pieces.length === 0) return;
    const queue = this.#waiting.get(organizationId);
    if (queue === undefined) {
      this.#waiting.set(organizationId, [...pieces]);
      void this.#drain(organizationId);
    } else queue.push(...pieces);
    await post.done.promise;
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

  async #commit(organizationId: string, group: readonly Piece[]): Promise<void> {
    try {
      await this.#log.append(
        organizationId,
        group.flatMap(({ events }) => events),
      );
      for (const { post } of group) {
        post.pieces -= 1;
        if (post.pieces === 0) post.done.resolve();
      }
    } catch (error) {
      for (const { post } of group) {
        post.failed = true;
        post.done.reject(error);
      }
    }
  }
}

function cut(post: Post, events: readonly NewEvent[]): readonly Piece[] {
  const pieces: Piece[] = [];
  for (let from = 0, to = 0; from < events.length; from = to) {
    let characters = 0;
    do characters += events[to++]?.payload.length ?? 0;
    while (to < events.length && to - from < mostEventsAtOnce && characters < mostCharactersAtOnce);
    pieces.push({
      post,
      events: from === 0 && to === events.length ? events : events.slice(from, to),
      characters,
    });
  }
  return pieces;
}

/** Takes pieces off the queue, whole ones, up to the bounds. What is left of a failed post is let go. */
function takeGroup(queue: Piece[]): readonly Piece[] {
  const group: Piece[] = [];
  let events = 0;
  let characters = 0;
  for (let next = queue[0]; next !== undefined; next = queue[0]) {
    events += next.events.length;
    characters += next.characters;
    if (group.length > 0 && (events > mostEventsAtOnce || characters > mostCharactersAtOnce)) return group;
    queue.shift();
    if (next.post.failed) {
      events -= next.events.length;
      characters -= next.characters;
    } else group.push(next);
  }
  return group;
}
