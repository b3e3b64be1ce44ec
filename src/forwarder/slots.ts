/**
 * How many cursors may be worked on at once. Who waits for an answer needs a socket and little else, so a destination
 * that hangs gives its slot up after a while; and those that failed last share half of the slots, however many they are.
 */

/** What is read, prepared and settled side by side. */
const working = 256;
/** With those that wait for an answer. */
const all = 2 * working;
/** With their first slice, of 128 KB or after more failures of 16 KB, they hold less than all of the memory, too. */
const failing = working / 2;
/** A destination in health has answered by then. */
const patienceMs = 1_000;

export interface Occupant {
  /** Whether its destination failed last. */
  readonly hasFailed: boolean;
  /** When the request began that is on the wire, by the monotonic clock; undefined: none is. */
  readonly sendingSince: number | undefined;
}

export interface Room {
  readonly most: number;
  /** How many of these may be cursors whose destination failed last. */
  readonly mostFailing: number;
}

export function roomBeside(active: ReadonlySet<{ readonly run: Occupant }>, now: number): Room {
  let [busy, failed] = [0, 0];
  for (const { run } of active) {
    const { hasFailed, sendingSince } = run;
    if (hasFailed) failed += 1;
    if (sendingSince === undefined || now - sendingSince < patienceMs) busy += 1;
  }
  const most = Math.max(0, Math.min(working - busy, all - active.size));
  return { most, mostFailing: Math.max(0, Math.min(most, failing - failed)) };
}
