/** How long a destination is left alone after a failure: from half a second to five minutes, doubled, with jitter. */
const firstMs = 500;
const mostMs = 5 * 60_000;

/** `attempt` counts from 0; `random` lies in [0, 1). At least half of the doubled time, so that it does grow. */
export function backOffMs(attempt: number, random: number): number {
  const full = Math.min(firstMs * 2 ** Math.min(attempt, 20), mostMs);
  return Math.round(full / 2 + (full / 2) * random);
}
