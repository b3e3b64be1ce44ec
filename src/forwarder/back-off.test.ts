import { describe, expect, it } from 'vitest';
import { backOffMs, nextLookMs } from './back-off.ts';

const attempts = Array.from({ length: 40 }, (_, attempt) => attempt);
const longest = 5 * 60_000;

describe('the time that a destination is left alone', () => {
  it('is half a second at most after the first failure', () => {
    expect([backOffMs(0, 0), backOffMs(0, 0.999_999)]).toEqual([250, 500]);
  });

  it('doubles with every failure, up to five minutes', () => {
    const most = attempts.map((attempt) => backOffMs(attempt, 0.999_999));
    expect(most.slice(0, 11)).toEqual([500, 1e3, 2e3, 4e3, 8e3, 16e3, 32e3, 64e3, 128e3, 256e3, longest]);
    expect(new Set(most.slice(10))).toEqual(new Set([longest]));
  });

  it('keeps at least half of itself whatever chance says, so that it does grow', () => {
    for (const attempt of attempts) {
      const full = Math.min(500 * 2 ** attempt, longest);
      for (const random of [0, 0.3, 0.999]) {
        expect(backOffMs(attempt, random)).toBeGreaterThanOrEqual(full / 2);
        expect(backOffMs(attempt, random)).toBeLessThanOrEqual(full);
      }
    }
  });

  it('stays a time after any number of failures', () => {
    expect(backOffMs(1_000_000, 0.5)).toBe(longest * 0.75);
  });
});

describe('the time until all cursors are looked at again', () => {
  it('is half a second, and longer where a look takes long, but never longer than a crash may be left alone', () => {
    expect([0, 25, 50, 100, 10_000].map(nextLookMs)).toEqual([500, 500, 1_000, 2_000, 2_500]);
  });
});
