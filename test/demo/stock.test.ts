import { describe, expect, it } from 'vitest';
import { type DemoEvent, newEvent } from '../../demo/events.ts';
import { postsBefore, tailOf } from '../../demo/stock.ts';

const refused = (event: DemoEvent): DemoEvent => ({ ...event, isRefused: true });
const accepted = (event: DemoEvent): DemoEvent => ({ ...event, isRefused: false });
const events = [1, 2, 3, 4, 5].map((number) => accepted(newEvent(number)));
const idsOf = (some: readonly DemoEvent[]) => new Set(some.map(({ id }) => id));

describe('what a number of undelivered events stands for', () => {
  it('is the last ones of the log', () => {
    expect(tailOf(events, 0)).toEqual(new Set());
    expect(tailOf(events, 2)).toEqual(idsOf(events.slice(3)));
    expect(tailOf(events, 5)).toEqual(idsOf(events));
  });

  it('is every refused one too, wherever it stands', () => {
    const mixed = events.map((event, index) => (index === 1 ? refused(event) : event));
    expect(tailOf(mixed, 2)).toEqual(idsOf([...mixed.slice(1, 2), ...mixed.slice(4)]));
  });
});

describe('what came before a delete', () => {
  const post = (sentAt: number, acceptedAt: number) => ({ events: [newEvent(0)], sentAt, acceptedAt });
  const deletion = { askedAt: 10, answeredAt: 20 };
  const [sure, before, after, late] = [post(1, 9), post(9, 15), post(15, 22), post(21, 30)];

  it('is asked for only where a post was on its way meanwhile', async () => {
    const asked: string[] = [];
    const found = await postsBefore([sure, before, after, late], deletion, async (id) => {
      asked.push(id);
      return id === before.events[0]?.id;
    });
    expect(found).toEqual([sure, before]);
    expect(asked).toEqual([before, after].map(({ events: [event] }) => event?.id));
  });
});
