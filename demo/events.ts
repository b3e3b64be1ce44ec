/**
 * Events as SendGrid's Event Webhook writes them: every type, with categories, custom arguments and their oddities.
 * What each means to a filter is written down here once more, so that Jackfield is not asked to judge itself.
 */
import { randomBytes } from 'node:crypto';

export type EmailKind =
  | 'processed'
  | 'drop'
  | 'delivered'
  | 'deferred'
  | 'bounce'
  | 'open'
  | 'machine_opened'
  | 'click'
  | 'spamreport'
  | 'unsubscribe'
  | 'group_unsubscribe'
  | 'group_resubscribe';

export interface DemoEvent {
  readonly id: string;
  /** Undefined: an event that no filter can ask for. */
  readonly kind: EmailKind | undefined;
  /** The destination refuses it for what it holds. */
  readonly isRefused: boolean;
  readonly json: string;
}

/** Recipients there are what the demo's destination refuses. */
export const refusedDomain = 'refused.example';
const refusedEvery = 600;
const firstRefused = 100;

type Fields = Readonly<Record<string, unknown>>;

interface Type {
  readonly event: string;
  readonly kind: EmailKind | undefined;
  /** How often, compared to the others. */
  readonly weight: number;
  readonly fields: Fields;
}

const person = { useragent: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_4)', ip: '203.0.113.24' };
const group = { ...person, asm_group_id: 10 };
const mailbox = { ip: '192.0.2.7', tls: 1 };

const delivered: Type = {
  event: 'delivered',
  kind: 'delivered',
  weight: 21,
  fields: { ...mailbox, response: '250 OK' },
};

const types: readonly Type[] = [
  delivered,
  { event: 'processed', kind: 'processed', weight: 22, fields: {} },
  { event: 'open', kind: 'open', weight: 16, fields: { ...person, sg_machine_open: false } },
  { event: 'open', kind: 'machine_opened', weight: 9, fields: { ...person, sg_machine_open: true } },
  {
    event: 'click',
    kind: 'click',
    weight: 9,
    fields: {
      ...person,
      url: 'https://shop.example/spring?ref=mail',
      url_offset: { index: 0, type: 'html' },
    },
  },
  {
    event: 'deferred',
    kind: 'deferred',
    weight: 6,
    fields: { attempt: '3', response: '451 4.7.1 try again later' },
  },
  {
    event: 'bounce',
    kind: 'bounce',
    weight: 4,
    fields: { type: 'bounce', status: '5.1.1', reason: '550 no such mailbox' },
  },
  {
    event: 'bounce',
    kind: 'bounce',
    weight: 2,
    fields: { type: 'blocked', status: '5.7.1', reason: '550 message refused' },
  },
  { event: 'dropped', kind: 'drop', weight: 3, fields: { status: '5.0.0', reason: 'Bounced Address' } },
  { event: 'spamreport', kind: 'spamreport', weight: 2, fields: {} },
  { event: 'unsubscribe', kind: 'unsubscribe', weight: 2, fields: {} },
  { event: 'group_unsubscribe', kind: 'group_unsubscribe', weight: 2, fields: group },
  { event: 'group_resubscribe', kind: 'group_resubscribe', weight: 1, fields: group },
  {
    event: 'account_status_change',
    kind: undefined,
    weight: 1,
    fields: { type: 'compliance_suspend' },
  },
];
const weights = types.reduce((sum, { weight }) => sum + weight, 0);

/** The `number`th event of a run. */
export function newEvent(number: number): DemoEvent {
  const id = randomBytes(16).toString('base64url');
  const isRefused = number % refusedEvery === firstRefused;
  // of a kind that several integrations want
  const { event, kind, fields } = isRefused ? delivered : draw();
  const json = JSON.stringify({
    email: `customer-${number % 500}@${isRefused ? refusedDomain : 'mail.example'}`,
    timestamp: Math.floor(Date.now() / 1_000),
    'smtp-id': `<${number}.demo@shop.example>`,
    event,
    sg_event_id: id,
    sg_message_id: `${Math.floor(number / 3)}.recvd-77c9d.filter0001`,
    // Segment is told of no event id, but of categories: the last one brings it through
    category: number % 5 === 0 ? id : ['spring-sale', id],
    ...(number % 2 === 0 ? singleSend : { order_id: `order-${number}`, tenant: 'shop' }),
    ...fields,
  });
  return { id, kind, isRefused, json };
}

const singleSend: Fields = {
  mc_stats: 'singlesend',
  phase_id: 'send',
  singlesend_id: '27c21bbf-a12c-440b-b8bf-c526975328ca',
  singlesend_name: 'Spring sale',
  template_id: 'd-7f2c1f5e6f3b4c5f9c7f1b0a2d3e4f50',
};

function draw(): Type {
  let left = Math.random() * weights;
  const drawn = types.find(({ weight }) => {
    left -= weight;
    return left < 0;
  });
  if (drawn === undefined) throw new Error('the weights do not add up');
  return drawn;
}
