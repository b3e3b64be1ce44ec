/** How an integration is doing, in one word. */
import type { Schemas } from '../api/client.ts';
import { Badge } from './badge.tsx';

export const stateWords = {
  running: { text: 'Running', tone: 'good' },
  backing_off: { text: 'Backing off', tone: 'bad' },
  paused: { text: 'Paused', tone: 'warn' },
  not_forwarding: { text: 'Takes no events', tone: 'plain' },
} as const;

export function StateBadge({ state }: { readonly state: Schemas['DeliveryState'] }) {
  const { text, tone } = stateWords[state];
  return <Badge tone={tone}>{text}</Badge>;
}
