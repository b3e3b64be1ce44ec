/** The twelve kinds of email event an integration can ask for (contract: sendgrid, section 1). */
export const emailEvents = [
  'drop',
  'processed',
  'deferred',
  'group_unsubscribe',
  'bounce',
  'delivered',
  'click',
  'unsubscribe',
  'open',
  'group_resubscribe',
  'spamreport',
  'machine_opened',
] as const;

export type EmailEvent = (typeof emailEvents)[number];

/** In the log a kind is a number: the event's place in `emailEvents`, or one of these two, which nobody can ask for. */
export const unknownKind = 12;
export const rejectedKind = 13;

export function kindsOf(events: readonly EmailEvent[]): readonly number[] {
  return events.map((event) => emailEvents.indexOf(event)).toSorted((a, b) => a - b);
}

/** Undefined for the two kinds that are no email event. */
export function eventOfKind(kind: number): EmailEvent | undefined {
  return emailEvents[kind];
}
