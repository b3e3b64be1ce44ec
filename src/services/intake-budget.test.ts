import { describe, expect, it } from 'vitest';
import { AppError } from '../core/errors.ts';
import { IntakeBudget } from './intake-budget.ts';

const overloaded = expect.objectContaining({ failure: { code: 'overloaded' } });

function start() {
  const clock = { ms: 0 };
  return { clock, budget: new IntakeBudget({ mostBytes: 100, now: () => clock.ms }) };
}

describe('the budget of the intake', () => {
  it('counts what has arrived, and gives it back', () => {
    const { budget } = start();
    {
      using first = budget.admit(100);
      using second = budget.admit(100);
      first.grow(60);
      second.grow(40);
      expect(budget.bytes).toBe(100);
      expect(() => second.grow(1)).toThrow(AppError);
      expect(() => budget.admit(1)).toThrow(AppError);
    }
    expect(budget.bytes).toBe(0);
    budget.admit(100).grow(100);
  });

  it('refuses what is announced and has no room, before any of it arrives', () => {
    const { budget } = start();
    budget.admit(50).grow(50);
    expect(() => budget.admit(51)).toThrow(AppError);
    budget.admit(50);
  });

  it('lets what is here whole take what it takes, one at a time', () => {
    const { budget } = start();
    const [first, second] = [budget.admit(40), budget.admit(40)];
    first.grow(40);
    second.grow(40);
    first.settle(120);
    expect(() => second.settle(60)).toThrow(AppError);
    second[Symbol.dispose]();
    expect(budget.bytes).toBe(120);
    first.settle(50);
    expect(budget.bytes).toBe(50);
  });

  it('takes from who sends slowly as soon as somebody else needs it, the largest first, and not before', () => {
    const { budget, clock } = start();
    const [small, large, done] = [budget.admit(10), budget.admit(60), budget.admit(20)];
    small.grow(10);
    large.grow(60);
    done.settle(20);
    clock.ms = 5_000;
    expect(() => budget.admit(20)).toThrow(AppError);
    clock.ms = 5_001;
    // not even all of the slow ones make room for so much: nobody loses anything
    expect(() => budget.admit(90)).toThrow(AppError);
    expect([small, large, done].map(({ revoked }) => revoked.aborted)).toEqual([false, false, false]);
    const quick = budget.admit(20);
    expect([small, large, done].map(({ revoked }) => revoked.aborted)).toEqual([false, true, false]);
    expect(large.revoked.reason).toEqual(overloaded);
    expect(() => large.grow(1)).toThrow(AppError);
    quick.grow(70);
    expect([small.revoked.aborted, budget.bytes]).toEqual([false, 100]);
    quick.grow(10);
    expect([small.revoked.aborted, budget.bytes]).toEqual([true, 100]);
    large[Symbol.dispose]();
    expect(budget.bytes).toBe(100);
  });
});
