import { describe, expect, it } from 'vitest';
import { type Occupant, roomBeside } from './slots.ts';

const now = 100_000;
const many = (count: number, run: Occupant) => Array.from({ length: count }, () => ({ run }));
const roomFor = (...active: readonly { readonly run: Occupant }[][]) =>
  roomBeside(new Set(active.flat()), now);

const busy = { hasFailed: false, sendingSince: undefined };
const sending = { hasFailed: false, sendingSince: now - 900 };
const hanging = { hasFailed: false, sendingSince: now - 1_100 };
const failedBusy = { ...busy, hasFailed: true };
const failedHanging = { ...hanging, hasFailed: true };

describe('the room for more cursors', () => {
  it('is 256 in all, half of it for those whose destination failed last', () => {
    expect(roomFor()).toEqual({ most: 256, mostFailing: 128 });
    expect(roomFor(many(100, busy), many(50, sending))).toEqual({ most: 106, mostFailing: 106 });
    expect(roomFor(many(100, busy), many(100, failedBusy))).toEqual({ most: 56, mostFailing: 28 });
    expect(roomFor(many(128, failedBusy))).toEqual({ most: 128, mostFailing: 0 });
    expect(roomFor(many(256, busy))).toEqual({ most: 0, mostFailing: 0 });
  });

  it('is not taken by those that wait long for an answer, up to twice as many', () => {
    expect(roomFor(many(200, hanging), many(6, busy))).toEqual({ most: 250, mostFailing: 128 });
    expect(roomFor(many(400, hanging))).toEqual({ most: 112, mostFailing: 112 });
    expect(roomFor(many(512, hanging))).toEqual({ most: 0, mostFailing: 0 });
    // those that failed before share their half, hanging or not
    expect(roomFor(many(128, failedHanging))).toEqual({ most: 256, mostFailing: 0 });
  });
});
