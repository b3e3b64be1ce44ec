import { describe, expect, it } from 'vitest';
import { type Balance, type Books, balanceOf, isExact, totalOf } from '../../demo/balance.ts';
import { print } from '../../demo/report.ts';
import { Screen } from '../../demo/screen.ts';

const set = (...ids: readonly string[]) => new Set(ids);

const books: Books = {
  label: 'Shop',
  accepted: set('a', 'b', 'c', 'd', 'e'),
  filtered: set('a'),
  delivered: set('b', 'c'),
  dead: set('d'),
  undelivered: set('e'),
};

function printed(balance: Balance): { readonly isRight: boolean; readonly text: string } {
  let text = '';
  const screen = new Screen({ write: (part) => (text += part) }, false);
  return { isRight: print(screen, { balances: [balance], claims: [], faults: [] }), text };
}

describe('the balance of the demo', () => {
  it('is exact where every event is in one class', () => {
    const balance = balanceOf(books);
    expect(isExact(balance)).toBe(true);
    const { isRight, text } = printed(balance);
    expect(isRight).toBe(true);
    expect(text).toContain(
      '5 accepted = 2 delivered + 1 filtered + 1 dead + 1 undelivered at delete - 0 both',
    );
    expect(text).toContain('The balance is exact');
  });

  it('is exact where a batch that a delete cut off was delivered all the same, and counts it', () => {
    const balance = balanceOf({ ...books, undelivered: set('c', 'e') });
    expect(balance.both).toBe(1);
    expect(isExact(balance)).toBe(true);
  });

  it.each([
    ['an event that nobody has', { delivered: set('b') }, 'missing', 'in no class: c'],
    ['an event that was never accepted', { delivered: set('b', 'c', 'x') }, 'strangers', 'never accepted: x'],
    [
      'a filtered event that came',
      { delivered: set('a', 'b', 'c') },
      'contradictions',
      'exclude each other: a',
    ],
    ['a dead event that came', { delivered: set('b', 'c', 'd') }, 'contradictions', 'exclude each other: d'],
    ['a dead event given back', { undelivered: set('d', 'e') }, 'contradictions', 'exclude each other: d'],
    [
      'a filtered event given back',
      { undelivered: set('a', 'e') },
      'contradictions',
      'exclude each other: a',
    ],
  ] as const)('is off by %s, which is named', (_, change, list, named) => {
    const balance = balanceOf({ ...books, ...change });
    expect(isExact(balance)).toBe(false);
    expect(balance[list]).toHaveLength(1);
    const { isRight, text } = printed(balance);
    expect(isRight).toBe(false);
    expect(text).toContain(named);
    expect(text).toContain('The balance is off');
  });

  it('does not let one integration make up for another', () => {
    const lost = balanceOf({ ...books, delivered: set('b') });
    const surplus = balanceOf({ ...books, delivered: set('b', 'c', 'x') });
    const total = totalOf([lost, surplus]);
    expect(total.accepted).toBe(total.filtered + total.delivered + total.dead + total.undelivered);
    expect(isExact(total)).toBe(false);
  });

  it('is off where a figure of Jackfield is not what was counted, or the destination got what it should not', () => {
    const screen = new Screen({ write: () => undefined }, false);
    const report = { balances: [balanceOf(books)], claims: [], faults: [] };
    const claim = { text: 'waiting at the end', expected: 0, actual: 1 };
    expect(print(screen, report)).toBe(true);
    expect(print(screen, { ...report, claims: [claim] })).toBe(false);
    expect(print(screen, { ...report, faults: ['another messageId'] })).toBe(false);
  });
});
