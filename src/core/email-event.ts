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
