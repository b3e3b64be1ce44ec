/** Email events as Segment track calls (contract: events, sections 2.2 and 2.3). */
import { hash } from 'node:crypto';
import type { EmailEvent } from '../../core/email-event.ts';

/** Segment drops what is larger. In bytes of JSON. */
const largestEventBytes = 32 * 1024;
/** Event times at or above this are milliseconds: in seconds it would be the year 5138. */
const leastMilliseconds = 1e11;

/** Event times as they were written: many events share a second, and writing one costs as much as reading an event. */
const written = new Map<number, string>();
const mostWritten = 2_000;

const names: Readonly<Record<EmailEvent, string>> = {
  processed: 'Email Processed',
  delivered: 'Email Delivered',
  open: 'Email Opened',
  machine_opened: 'Email Machine Opened',
  click: 'Email Link Clicked',
  drop: 'Email Dropped',
  bounce: 'Email Bounced',
  deferred: 'Email Deferred',
  unsubscribe: 'Unsubscribed',
  group_unsubscribe: 'Unsubscribed From Group',
  group_resubscribe: 'Resubscribed To Group',
  spamreport: 'Email Marked as Spam',
};

/** No object: what SendGrid sends may be called like something that every object has. */
const emailTypes: ReadonlyMap<string, string> = new Map([
  ['singlesend', 'Singlesend'],
  ['automation', 'Automation'],
]);

export interface LoggedEvent {
  readonly event: EmailEvent;
  readonly sgEventId: string;
  /** JSON as SendGrid sent it. */
  readonly payload: string;
}

/** A track call as JSON, or the reason why this event can never be sent. */
export type Track =
  | { readonly kind: 'track'; readonly json: string; readonly bytes: number }
  | { readonly kind: 'unusable'; readonly reason: string };

type Fields = Readonly<Record<string, unknown>>;

export function toTrack(integrationId: string, { event, sgEventId, payload }: LoggedEvent): Track {
  const fields = JSON.parse(payload) as Fields;
  const email = text(fields['email']);
  const address = email?.trim().toLowerCase() ?? '';
  if (address === '') return { kind: 'unusable', reason: 'no recipient' };
  const timestamp = toTimestamp(fields['timestamp']);
  if (timestamp === undefined) return { kind: 'unusable', reason: 'no usable timestamp' };
  const ip = text(fields['ip']);
  const userAgent = text(fields['useragent']);
  const json = JSON.stringify({
    type: 'track',
    event: names[event],
    anonymousId: hash('sha256', address, 'hex'),
    messageId: messageIdOf(integrationId, sgEventId),
    timestamp,
    properties: toProperties(fields),
    context: {
      traits: { email, ip, user_agent: userAgent },
      ip,
      userAgent,
      integration: { name: 'jackfield', version: '1.0.0' },
    },
  });
  const bytes = Buffer.byteLength(json);
  if (bytes > largestEventBytes) return { kind: 'unusable', reason: 'larger than 32 KB' };
  return { kind: 'track', json, bytes };
}

/**
 * Segment drops a second message of the same id, whatever source it comes to: the same event for the same integration
 * is always the same message, for another integration always another one.
 */
export function messageIdOf(integrationId: string, sgEventId: string): string {
  return hash('sha256', `${integrationId}\n${sgEventId}`, 'base64url');
}

/** Keys without a value are left out by JSON. */
function toProperties(fields: Fields): Fields {
  return {
    email_id: text(fields['sg_message_id']),
    email_type: emailTypes.get(text(fields['mc_stats']) ?? ''),
    email_subject: text(fields['email_subject']),
    template_id: text(fields['template_id']) ?? text(fields['sg_template_id']),
    test_phase: text(fields['phase_id']) === 'test' ? true : undefined,
    unsubscribe_group_id: fields['asm_group_id'],
    link_url: text(fields['url']),
    categories: toList(fields['category']),
    campaign_id: text(fields['singlesend_id']) ?? idText(fields['marketing_campaign_id']),
    campaign_name: text(fields['singlesend_name']) ?? text(fields['marketing_campaign_name']),
    automation_id: text(fields['mc_auto_id']),
    automation_name: text(fields['mc_auto_name']),
    automation_step_id: text(fields['mc_auto_step_id']),
  };
}

function toTimestamp(value: unknown): string | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) return undefined;
  const known = written.get(number);
  if (known !== undefined) return known;
  const date = new Date(number >= leastMilliseconds ? number : number * 1_000);
  if (Number.isNaN(date.getTime())) return undefined;
  if (written.size >= mostWritten) written.clear();
  const iso = date.toISOString();
  written.set(number, iso);
  return iso;
}

function toList(value: unknown): readonly string[] | undefined {
  if (typeof value === 'string') return [value];
  if (!Array.isArray(value)) return undefined;
  return value.filter((each) => typeof each === 'string');
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Old campaign ids are numbers. */
function idText(value: unknown): string | undefined {
  return typeof value === 'number' ? String(value) : text(value);
}
