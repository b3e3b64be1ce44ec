/** SendGrid's Event Webhook as it posts: events, batches of them, and signatures. */
import { createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { type EmailEvent, emailEvents } from '../../src/core/email-event.ts';
import { type ButterClient, butterCall } from './butter.ts';
import { type Answer, call } from './http.ts';

export interface WebhookEvent {
  readonly event: string;
  readonly email: string;
  readonly timestamp: number;
  readonly sg_event_id: string;
  readonly [field: string]: unknown;
}

/** An event that no other call gives. */
export function newEvent(event = 'delivered', fields: Readonly<Record<string, unknown>> = {}): WebhookEvent {
  return {
    email: 'alex@example.com',
    timestamp: 1_700_000_000,
    event,
    sg_event_id: randomBytes(16).toString('base64url'),
    sg_message_id: 'message-1.filter0001',
    ...fields,
  };
}

export const newEvents = (count: number, event?: string): readonly WebhookEvent[] =>
  Array.from({ length: count }, () => newEvent(event));

/** In SendGrid's own formatting. */
export function toBody(events: readonly unknown[]): string {
  return `[${events.map((event) => JSON.stringify(event)).join(',\r\n')}]\r\n`;
}

/** A body of so many bytes, with events that are as large as may be. */
export function bodyOfBytes(bytes: number): string {
  const size = 100_000;
  const body = (last: number) =>
    toBody([
      ...Array.from({ length: Math.floor(bytes / size) - 1 }, () => sized(size - 3)),
      newEvent('delivered', { padding: 'x'.repeat(last) }),
    ]);
  return body(bytes - body(0).length);
}

/** An event that takes so many bytes as JSON. */
export function sized(bytes: number): WebhookEvent {
  const padded = (length: number) => newEvent('delivered', { padding: 'x'.repeat(length) });
  return padded(bytes - JSON.stringify(padded(0)).length);
}

export interface EventTarget {
  readonly url: string;
  readonly eventSourceId: string;
}

/** Where events of an organization come in, beside the first one's that is there from the start. */
export async function createEventSource(client: ButterClient): Promise<EventTarget> {
  const json = { name: 'Mail', kind: 'sendgrid' };
  const created = await butterCall(client, 'POST', '/api/event-sources', { json });
  return { url: client.url, eventSourceId: created.json.data.source_id };
}

interface PostOptions {
  readonly headers?: Readonly<Record<string, string>>;
}

export async function postBody(
  { url, eventSourceId }: EventTarget,
  body: string | Uint8Array<ArrayBuffer>,
  { headers }: PostOptions = {},
): Promise<Answer> {
  return await call({ url }, 'POST', `/events/sendgrid/${eventSourceId}`, {
    body,
    headers: {
      'content-type': 'application/json;charset=utf-8',
      'user-agent': 'SendGrid Event API',
      ...headers,
    },
  });
}

/** @throws unless all of them were accepted */
export async function postEvents(target: EventTarget, events: readonly unknown[]): Promise<void> {
  const { status, text } = await postBody(target, toBody(events));
  if (status !== 200) throw new Error(`not accepted: ${status} ${text}`);
}

export interface SigningKey {
  /** As SendGrid shows it. */
  readonly publicKey: string;
  readonly privateKey: KeyObject;
}

export function newSigningKey(curve = 'prime256v1'): SigningKey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: curve });
  return { publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'), privateKey };
}

/** The base64 signature of a timestamp header and a body. */
export function signatureOf({ privateKey }: SigningKey, timestamp: string, body: string): string {
  return createSign('sha256')
    .update(timestamp + body)
    .sign(privateKey, 'base64');
}

/** The headers of a post, signed at a time in seconds. */
export function signedHeaders(key: SigningKey, body: string, seconds = Math.floor(Date.now() / 1_000)) {
  return {
    'x-twilio-email-event-webhook-signature': signatureOf(key, String(seconds), body),
    'x-twilio-email-event-webhook-timestamp': String(seconds),
  };
}

export interface Segment {
  readonly id: string;
  readonly writeKey: string;
}

/** A Segment integration with a write key of its own. */
export async function createSegment(
  client: ButterClient,
  events: readonly EmailEvent[] = emailEvents,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<Segment> {
  const writeKey = `wk${randomBytes(12).toString('hex')}`;
  const json = {
    name: 'Segment',
    credentials: { provider: 'segment', write_key: writeKey, destination_region: 'US' },
    filters: { email_events: events },
    ...fields,
  };
  const created = await butterCall(client, 'POST', '/api/integrations', { json });
  if (created.status !== 201) throw new Error(`not created: ${created.status} ${created.text}`);
  return { id: created.json.data.integration_id, writeKey };
}
