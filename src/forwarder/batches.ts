/** Events as they go out together, and what became of them. */
import type { Attempt } from '../eventlog/cursor-store.ts';
import type { Delivery, PreparedEvent, SendOutcome } from '../providers/delivery.ts';

export function cut(delivery: Delivery, events: readonly PreparedEvent[]): (readonly PreparedEvent[])[] {
  const batches = [];
  for (let from = 0; from < events.length; ) {
    const to = from + delivery.fit(events, from);
    batches.push(events.slice(from, to));
    from = to;
  }
  return batches;
}

export function halves(batch: readonly PreparedEvent[]): readonly (readonly PreparedEvent[])[] {
  const middle = Math.ceil(batch.length / 2);
  return [batch.slice(0, middle), batch.slice(middle)];
}

export function nameOf(outcome: SendOutcome, events: number): Attempt['outcome'] {
  if (outcome.kind !== 'refused') return outcome.kind;
  return isSplit(outcome, events) ? 'split' : 'rejected';
}

/** Whether a part of a refused batch may be taken. */
export function isSplit({ divisible }: { readonly divisible: boolean }, events: number): boolean {
  return divisible && events > 1;
}
