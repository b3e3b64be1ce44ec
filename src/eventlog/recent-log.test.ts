import { describe, expect, it } from 'vitest';
import type { NewEvent } from '../core/webhook-event.ts';
import type { EventLog, LogSlice, SliceRequest } from './event-log.ts';
import { RecentLog } from './recent-log.ts';

const organizationId = 'org_1';
const eventOf = (kind: number, sgEventId: string): NewEvent => ({
  kind,
  sgEventId,
  payload: `"${sgEventId}"`,
});
const request: SliceRequest = {
  organizationId,
  after: 0,
  upTo: 3,
  kinds: [1, 2],
  only: null,
  limit: 10,
  mostBytes: 1_000,
};

/** Numbers positions, and answers every read with nothing, so that what comes back was remembered. */
class EmptyLog implements EventLog {
  position = 0;
  reads = 0;

  async append(_organizationId: string, events: readonly NewEvent[]): Promise<number> {
    this.position += events.length;
    return this.position;
  }

  async read({ upTo }: SliceRequest): Promise<LogSlice> {
    this.reads += 1;
    return { events: [], upTo };
  }
}

async function remembering(mostBytes?: number) {
  const inner = new EmptyLog();
  const log = new RecentLog(inner, mostBytes);
  await log.append(organizationId, [eventOf(1, 'a'), eventOf(3, 'b'), eventOf(2, 'c')]);
  const read = async (more: Partial<SliceRequest> = {}) => {
    const { events, upTo } = await log.read({ ...request, ...more });
    return { ids: events.map((event) => [event.position, event.sgEventId]), upTo };
  };
  return { inner, log, read };
}

describe('what was appended last', () => {
  it('is read from memory: what the filter wants, in order, under its positions', async () => {
    const { inner, read } = await remembering();
    expect(await read()).toEqual({
      ids: [
        [1, 'a'],
        [3, 'c'],
      ],
      upTo: 3,
    });
    expect(await read({ after: 1 })).toEqual({ ids: [[3, 'c']], upTo: 3 });
    expect(await read({ upTo: 2 })).toEqual({ ids: [[1, 'a']], upTo: 2 });
    expect(inner.reads).toBe(0);
  });

  it('is cut at the number and at the bytes asked for, but never before the first event', async () => {
    const { read } = await remembering();
    expect(await read({ limit: 1 })).toEqual({ ids: [[1, 'a']], upTo: 2 });
    expect(await read({ mostBytes: 0 })).toEqual({ ids: [[1, 'a']], upTo: 2 });
  });

  it('is not taken for all there is where others appended in between', async () => {
    const { inner, log, read } = await remembering();
    inner.position += 1;
    await log.append(organizationId, [eventOf(1, 'd')]);
    expect(await read({ upTo: 5 })).toEqual({
      ids: [
        [1, 'a'],
        [3, 'c'],
      ],
      upTo: 3,
    });
    // what lies in the gap only the log itself knows
    expect(await read({ after: 3, upTo: 5 })).toEqual({ ids: [], upTo: 5 });
    expect(inner.reads).toBe(1);
    expect(await read({ after: 4, upTo: 5 })).toEqual({ ids: [[5, 'd']], upTo: 5 });
  });

  it('is left to the log where it is another organization’s, chosen events, or forgotten', async () => {
    const { inner, read } = await remembering();
    await read({ organizationId: 'org_2' });
    await read({ only: [1] });
    const small = await remembering(10);
    await small.read();
    expect([inner.reads, small.inner.reads]).toEqual([2, 1]);
  });
});
