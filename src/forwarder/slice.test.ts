import { describe, expect, it } from 'vitest';
import { emailEvents, rejectedKind } from '../core/email-event.ts';
import { Outbound } from '../providers/outbound.ts';
import { SegmentDelivery } from '../providers/segment/delivery.ts';
import { prepareSlice, SliceSize } from './slice.ts';

const open = emailEvents.indexOf('open');
const url = new URL('http://127.0.0.1:9');

describe('a slice of the log', () => {
  it('keeps of its events what settling needs, and not the text that they came in', async () => {
    await using outbound = new Outbound();
    const now = () => new Date();
    const delivery = new SegmentDelivery({ urls: { US: url, EU: url }, outbound, now, batchEvents: 2_500 });
    const eventAt = (position: number, kind: number, fields: object) => ({
      position,
      kind,
      sgEventId: `event-${position}`,
      payload: JSON.stringify({ timestamp: 1_700_000_000, ...fields }),
    });
    const events = [
      eventAt(3, open, { email: 'alex@example.com' }),
      eventAt(5, open, {}),
      eventAt(6, rejectedKind, {}),
    ];
    const stretch = { upTo: 9, kinds: [open, rejectedKind], waiting: 3, endTotals: [] };
    const { slice, ready } = prepareSlice(delivery, 'intg_1', { events, upTo: 7, stretch });
    const noRecipient = [{ position: 5, reason: 'no recipient' }];
    expect(slice).toEqual({
      events: events.map(({ position, kind, sgEventId }) => ({ position, kind, sgEventId })),
      upTo: 7,
      stretch,
      unsendable: noRecipient,
      unsent: noRecipient,
    });
    expect(ready.map(({ position }) => position)).toEqual([3]);
  });

  it('begins small, smaller where the last one failed, and ends at the same size', () => {
    const sizes = (hasFailed: boolean) => {
      const size = new SliceSize(hasFailed);
      return Array.from({ length: 5 }, () => {
        const { events, bytes } = size;
        size.grow();
        return [events, bytes / 1_024];
      });
    };
    expect(sizes(false).slice(0, 3)).toEqual([
      [250, 128],
      [1_000, 512],
      [2_500, 1_024],
    ]);
    expect(sizes(true)).toEqual([
      [32, 16],
      [128, 64],
      [512, 256],
      [2_048, 1_024],
      [2_500, 1_024],
    ]);
  });
});
