/** How values are written for people. */
import type { EmailEvent } from './api/client.ts';

const numberForm = new Intl.NumberFormat('en');
const timeForm = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium' });
const relativeForm = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

const shortTimeForm = new Intl.DateTimeFormat('en', { timeStyle: 'short' });
const shortDayForm = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric' });

export const count = (value: number): string => numberForm.format(value);

/** "1 event", "2 events". */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

export const time = (iso: string): string => timeForm.format(new Date(iso));
export const shortTime = (date: Date): string => shortTimeForm.format(date);
export const shortDay = (date: Date): string => shortDayForm.format(date);

const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

export function ago(iso: string): string {
  const seconds = (Date.parse(iso) - Date.now()) / 1_000;
  for (const [unit, size] of units) {
    if (Math.abs(seconds) >= size) return relativeForm.format(Math.trunc(seconds / size), unit);
  }
  return relativeForm.format(Math.trunc(seconds), 'second');
}

export function duration(seconds: number): string {
  for (const [unit, size] of units) if (seconds >= size) return counted(Math.floor(seconds / size), unit);
  return counted(Math.floor(seconds), 'second');
}

export const providerTitles: Readonly<Record<string, string>> = { segment: 'Segment', twilio: 'Twilio' };
export const categoryTitles: Readonly<Record<string, string>> = {
  customer_data: 'Customer data',
  telephony: 'Telephony',
};
/** In which orders integrations can be listed. */
export const orderTitles: Readonly<Record<string, string>> = {
  '-created_at': 'Newest first',
  created_at: 'Oldest first',
  health: 'Unhealthy first',
  '-waiting': 'Most waiting first',
  waiting: 'Least waiting first',
  name: 'By name',
  '-name': 'By name, backwards',
};

export const eventWords: Readonly<Record<EmailEvent, { readonly title: string; readonly about: string }>> = {
  processed: { title: 'Processed', about: 'SendGrid has taken the message on.' },
  deferred: { title: 'Deferred', about: 'The receiving server asked to try later.' },
  delivered: { title: 'Delivered', about: 'The receiving server took the message.' },
  bounce: { title: 'Bounced', about: 'The receiving server refused it, for good or for now.' },
  drop: { title: 'Dropped', about: 'SendGrid did not even send it.' },
  open: { title: 'Opened', about: 'The recipient opened the message.' },
  machine_opened: { title: 'Opened by a machine', about: 'A mail program loaded it in advance.' },
  click: { title: 'Clicked', about: 'A link in the message was followed.' },
  unsubscribe: { title: 'Unsubscribed', about: 'From all mail of this sender.' },
  group_unsubscribe: { title: 'Left a group', about: 'Unsubscribed from one kind of mail.' },
  group_resubscribe: { title: 'Joined a group again', about: 'Subscribed to one kind of mail again.' },
  spamreport: { title: 'Reported as spam', about: 'The recipient marked it as spam.' },
};
export const allEvents = Object.keys(eventWords) as readonly EmailEvent[];

/** What the server says of a field, about the field as the form calls it. What is in such words already stays. */
export function problemInWords(label: string, message: string): string {
  if (message.startsWith('Field required')) return message.replace('Field required', `${label} is needed`);
  const [, side, bound] = /^String should have at (least|most) (\d+) characters?$/.exec(message) ?? [];
  if (side === 'most') return `${label} may have ${bound} characters at most`;
  if (side === 'least')
    return bound === '1' ? `${label} is needed` : `${label} needs ${bound} characters at least`;
  return message.replace(/^(Input|String|Text|List|Date|Time) /, `${label} `);
}

export const asSentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** A name within a sentence of plain text, where there is no `<bdi>`: however it is written, the rest keeps its direction. */
export const isolated = (name: string): string => `\u2068${name}\u2069`;
