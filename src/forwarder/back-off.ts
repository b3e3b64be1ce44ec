/** How long a destination is left alone after a failure, and how often all cursors are looked at. */

/** From half a second to five minutes, doubled, with jitter. */
const firstMs = 500;
const mostMs = 5 * 60_000;

/** `attempt` counts from 0; `random` lies in [0, 1). At least half of the doubled time, so that it does grow. */
export function backOffMs(attempt: number, random: number): number {
  const full = Math.min(firstMs * 2 ** Math.min(attempt, 20), mostMs);
  return Math.round(full / 2 + (full / 2) * random);
}

/** Between two looks at all cursors, at least; new events wake their own organization's at once. */
export const lookEveryMs = 500;
/** A lease that ended is found within this. */
const lookAtLeastEveryMs = 2_500;
/** A look passes by every cursor, so it takes the longer the more there are: idle ones are to cost next to nothing. */
const restByLook = 20;

/** From the end of a look that took so long. */
export function nextLookMs(tookMs: number): number {
  return Math.min(Math.max(lookEveryMs, tookMs * restByLook), lookAtLeastEveryMs);
}
