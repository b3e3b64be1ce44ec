/** A day of email events, as those of a company of middling size: a slow wave, and newsletters on top of it. */
import type { EmailEvent } from '../../src/core/email-event.ts';
import { createRandom, type Random } from '../../test/support/random.ts';
import { newEvent, type WebhookEvent } from '../../test/support/webhook.ts';

export const minuteMs = 60_000;
const dayMinutes = 24 * 60;
/** How often SendGrid posts what has come together. */
const postEveryMs = 15_000;

export interface Post {
  /** In ms before the end of the day: below 0. */
  readonly at: number;
  readonly events: readonly WebhookEvent[];
}

/** One that the sink refuses, as Segment refuses some. */
const garbled = '\u{fffd}\u{fffd}\u{fffd}';
export const isGarbled = (fields: Readonly<Record<string, unknown>>): boolean =>
  fields['email_subject'] === garbled;

/** When newsletters go out, in minutes before the end, and how large they are. */
const newsletters = [
  { minute: 1_210, size: 90 },
  { minute: 655, size: 140 },
  { minute: 318, size: 120 },
  { minute: 34, size: 110 },
] as const;

const daily: readonly (readonly [EmailEvent, number])[] = [
  ['processed', 22],
  ['delivered', 34],
  ['open', 26],
  ['click', 9],
  ['deferred', 4],
  ['machine_opened', 2],
  ['bounce', 2],
  ['unsubscribe', 1],
];

export function makeDay(seed = 7): readonly Post[] {
  const random = createRandom(seed);
  const count = (dayMinutes * minuteMs) / postEveryMs;
  return Array.from({ length: count }, (_, index) => {
    const at = (index - count) * postEveryMs + random.below(4_000);
    return { at, events: eventsOf(at, random) };
  });
}

function eventsOf(at: number, random: Random): readonly WebhookEvent[] {
  const minute = -at / minuteMs;
  const perMinute = rateAt(minute) * (0.8 + random.below(40) / 100);
  const exact = (perMinute * postEveryMs) / minuteMs;
  const size = Math.floor(exact) + (random.chance(exact % 1) ? 1 : 0);
  const events = Array.from({ length: size }, () => newEvent(kindAt(random), fieldsAt(at, random)));
  // nobody can be told about an event of nobody
  if (random.chance(1 / 1_500)) events.push(newEvent('spamreport', { ...fieldsAt(at, random), email: '' }));
  if (random.chance(1 / 800))
    events.push(newEvent('click', { ...fieldsAt(at, random), email_subject: garbled }));
  return events;
}

/** Events a minute. The day ends in its busier half. */
function rateAt(minute: number): number {
  const wave = 30 + 16 * Math.cos(((minute - 180) / dayMinutes) * 2 * Math.PI) + 5 * Math.cos(minute / 9);
  const extra = newsletters.reduce((sum, each) => {
    const since = each.minute - minute;
    return since < 0 ? sum : sum + each.size * Math.min(1, since / 3) * Math.exp(-since / 14);
  }, 0);
  return wave + extra;
}

const all = daily.reduce((sum, [, weight]) => sum + weight, 0);

function kindAt(random: Random): EmailEvent {
  let rest = random.below(all);
  for (const [kind, weight] of daily) {
    if (rest < weight) return kind;
    rest -= weight;
  }
  return 'delivered';
}

function fieldsAt(at: number, random: Random) {
  return {
    email: `reader${random.below(4_000)}@example.com`,
    timestamp: Math.floor((Date.now() + at) / 1_000),
  };
}
