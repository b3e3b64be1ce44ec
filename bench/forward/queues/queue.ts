/** What stands between the intake and the delivery of a side that is not Jackfield. */
import type { NewEvent } from '../../../src/core/webhook-event.ts';

/** An event on its way to a destination, which is known by its number. */
export interface Job {
  readonly destination: number;
  readonly event: NewEvent;
}

export interface Queue {
  /** Resolves once the jobs are as durable as this queue makes them. */
  add(jobs: readonly Job[]): Promise<void>;
}

export interface QueueOptions {
  /** Of the database that this queue keeps its jobs in. */
  readonly url: string;
  readonly destinations: number;
  /** Whether one request carries as many events as there are, or one. */
  readonly isBatched: boolean;
  /** Sends events to their one destination in one request. */
  readonly deliver: (jobs: readonly Job[]) => Promise<void>;
}

/** How many requests of one event are on their way at once. */
export const requestsAtOnce = 32;
/** How many events a batched request carries at most. */
export const batchEvents = 1_000;

/** Runs work on all of them, so many at once. */
export async function forEachAtOnce<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
}
