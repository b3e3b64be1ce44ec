import { describe, expect, it } from 'vitest';
import { Budget } from './budget.ts';

describe('a budget of bytes', () => {
  it('lets in what fits, and the next ones in their order when something is given back', async () => {
    const budget = new Budget(10);
    const begun: string[] = [];
    const take = async (name: string, bytes: number) => {
      const share = await budget.take(bytes);
      begun.push(name);
      return share;
    };
    const first = await take('first', 6);
    const second = take('second', 6);
    // would fit, and does not overtake
    const third = take('third', 1);
    await Promise.resolve();
    expect(begun).toEqual(['first']);
    first.shrink(4);
    await second;
    expect(begun[1]).toBe('second');
    first[Symbol.dispose]();
    await third;
    expect(begun).toEqual(['first', 'second', 'third']);
  });

  it('gets back exactly what was taken, however often it is given back', async () => {
    const budget = new Budget(2);
    const share = await budget.take(2);
    share.shrink(5);
    share.shrink(1);
    share[Symbol.dispose]();
    share[Symbol.dispose]();
    await budget.take(2);
    const waiting = budget.take(1).then(() => 'begun');
    expect(await Promise.race([waiting, Promise.resolve('waiting')])).toBe('waiting');
  });
});
