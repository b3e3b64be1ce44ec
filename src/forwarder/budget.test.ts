import { describe, expect, it } from 'vitest';
import { Budget, type Share } from './budget.ts';

const { signal } = new AbortController();

async function taken(budget: Budget, bytes: number): Promise<Share> {
  const share = await budget.take(bytes, signal);
  if (share === undefined) throw new Error('nothing was taken');
  return share;
}

describe('a budget of bytes', () => {
  it('lets in what fits, and the next ones in their order when something is given back', async () => {
    const budget = new Budget(10);
    const begun: string[] = [];
    const take = async (name: string, bytes: number) => {
      const share = await taken(budget, bytes);
      begun.push(name);
      return share;
    };
    const first = await take('first', 6);
    const second = take('second', 6);
    // would fit, and does not overtake
    const third = take('third', 1);
    await Promise.resolve();
    expect(begun).toEqual(['first']);
    expect([budget.inUse, budget.waiting]).toEqual([6, 2]);
    first.fit(4);
    await second;
    expect(begun[1]).toBe('second');
    first[Symbol.dispose]();
    await third;
    expect(begun).toEqual(['first', 'second', 'third']);
    expect([budget.inUse, budget.waiting]).toEqual([7, 0]);
  });

  it('has something go on beside a wait, and only then', async () => {
    const budget = new Budget(2);
    const steps: string[] = [];
    const beside = () => {
      steps.push('begun');
      return { [Symbol.asyncDispose]: async () => void steps.push('ended') };
    };
    const share = await budget.take(2, signal, beside);
    expect(steps).toEqual([]);
    const next = budget.take(1, signal, beside);
    await Promise.resolve();
    expect(steps).toEqual(['begun']);
    share?.[Symbol.dispose]();
    await next;
    expect(steps).toEqual(['begun', 'ended']);
  });

  it('gets back exactly what was taken, however often it is given back', async () => {
    const budget = new Budget(2);
    const share = await taken(budget, 2);
    share.fit(1);
    share[Symbol.dispose]();
    share[Symbol.dispose]();
    expect(budget.inUse).toBe(0);
  });

  it('counts what turns out to be larger, and lets nobody in until that is given back', async () => {
    const budget = new Budget(2);
    const share = await taken(budget, 1);
    share.fit(5);
    expect(budget.inUse).toBe(5);
    const next = taken(budget, 1);
    expect(budget.waiting).toBe(1);
    share.fit(1);
    await next;
    expect(budget.inUse).toBe(2);
  });

  it('is not waited for by who was told to stop: the next one is let in', async () => {
    const budget = new Budget(3);
    await taken(budget, 1);
    const abort = new AbortController();
    const large = budget.take(3, abort.signal);
    const small = taken(budget, 1);
    expect(budget.waiting).toBe(2);
    abort.abort();
    expect(await large).toBeUndefined();
    await small;
    expect([budget.inUse, budget.waiting]).toEqual([2, 0]);
    expect(await budget.take(1, abort.signal)).toBeUndefined();
    expect(budget.inUse).toBe(2);
  });
});
