import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { EmailEvent } from '../../core/email-event.ts';
import { messageIdOf, toTrack } from './track.ts';

const integrationId = 'intg_0123456789ab';
const base = { email: 'alex@example.com', timestamp: 1_700_000_000, sg_event_id: 'id-1' };
type Fields = Readonly<Record<string, unknown>>;

const trackForm = z.object({
  type: z.literal('track'),
  event: z.string(),
  anonymousId: z.string(),
  messageId: z.string(),
  timestamp: z.string(),
  properties: z.record(z.string(), z.unknown()),
  context: z.record(z.string(), z.unknown()),
});

function convert(fields: Fields = {}, event: EmailEvent = 'delivered') {
  const payload = JSON.stringify({ ...base, ...fields });
  return toTrack(integrationId, { event, sgEventId: 'id-1', payload });
}

function trackOf(fields?: Fields, event?: EmailEvent) {
  const track = convert(fields, event);
  if (track.kind !== 'track') throw new Error(track.reason);
  return trackForm.strict().parse(JSON.parse(track.json));
}

const propertiesOf = (fields: Fields) => trackOf(fields).properties;

describe('an email event as a track call', () => {
  it.each<[EmailEvent, string]>([
    ['processed', 'Email Processed'],
    ['delivered', 'Email Delivered'],
    ['open', 'Email Opened'],
    ['machine_opened', 'Email Machine Opened'],
    ['click', 'Email Link Clicked'],
    ['drop', 'Email Dropped'],
    ['bounce', 'Email Bounced'],
    ['deferred', 'Email Deferred'],
    ['unsubscribe', 'Unsubscribed'],
    ['group_unsubscribe', 'Unsubscribed From Group'],
    ['group_resubscribe', 'Resubscribed To Group'],
    ['spamreport', 'Email Marked as Spam'],
  ])('%s is called %s', (event, name) => {
    expect(trackOf({}, event).event).toBe(name);
  });

  it('has what is always there and nothing that is absent', () => {
    expect(trackOf()).toEqual({
      type: 'track',
      event: 'Email Delivered',
      anonymousId: '6db61e6dcbcf2390e4a46af426f26a133a3bee45021422fc7ae86e9136f14110',
      messageId: messageIdOf(integrationId, 'id-1'),
      timestamp: '2023-11-14T22:13:20.000Z',
      properties: {},
      context: {
        traits: { email: 'alex@example.com' },
        integration: { name: 'jackfield', version: '1.0.0' },
      },
    });
  });

  it('knows the recipient by the hash of the address, however it is written, and shows the address as it came', () => {
    const written = trackOf({ email: ' Alex@Example.COM ' });
    expect(written.anonymousId).toBe(trackOf().anonymousId);
    expect(written.context).toMatchObject({ traits: { email: ' Alex@Example.COM ' } });
  });

  it.each<{ what: string; fields: Fields; properties: Fields }>([
    {
      what: 'a Single Send',
      fields: {
        mc_stats: 'singlesend',
        singlesend_id: 'ss-1',
        singlesend_name: 'Spring',
        template_id: 't-1',
        sg_template_id: 't-2',
        phase_id: 'send',
      },
      properties: {
        email_type: 'Singlesend',
        campaign_id: 'ss-1',
        campaign_name: 'Spring',
        template_id: 't-1',
      },
    },
    {
      what: 'an automation',
      fields: {
        mc_stats: 'automation',
        mc_auto_id: 'a-1',
        mc_auto_name: 'Welcome',
        mc_auto_step_id: 's-1',
        sg_template_id: 't-2',
      },
      properties: {
        email_type: 'Automation',
        automation_id: 'a-1',
        automation_name: 'Welcome',
        automation_step_id: 's-1',
        template_id: 't-2',
      },
    },
    {
      what: 'a campaign of old',
      fields: { marketing_campaign_id: 12_345, marketing_campaign_name: 'Old' },
      properties: { campaign_id: '12345', campaign_name: 'Old' },
    },
    { what: 'a test phase', fields: { phase_id: 'test' }, properties: { test_phase: true } },
    { what: 'mail of no known marketing', fields: { mc_stats: 'toString' }, properties: {} },
    { what: 'mail of a marketing with an odd name', fields: { mc_stats: '__proto__' }, properties: {} },
    {
      what: 'the message, a link, a group and a subject',
      fields: {
        sg_message_id: 'm-1',
        url: 'https://example.com/a?b=c',
        asm_group_id: 7,
        email_subject: 'Hello',
      },
      properties: {
        email_id: 'm-1',
        link_url: 'https://example.com/a?b=c',
        unsubscribe_group_id: 7,
        email_subject: 'Hello',
      },
    },
    { what: 'one category', fields: { category: 'news' }, properties: { categories: ['news'] } },
    {
      what: 'several categories',
      fields: { category: ['news', 'spring'] },
      properties: { categories: ['news', 'spring'] },
    },
  ])('tells $what', ({ fields, properties }) => {
    expect(propertiesOf(fields)).toEqual(properties);
  });

  it('tells address and program of the recipient, in the places of both documents', () => {
    expect(trackOf({ ip: '203.0.113.9', useragent: 'Mozilla/5.0' }, 'open').context).toMatchObject({
      ip: '203.0.113.9',
      userAgent: 'Mozilla/5.0',
      traits: { email: 'alex@example.com', ip: '203.0.113.9', user_agent: 'Mozilla/5.0' },
    });
  });

  it.each([
    [1_591_726_752, '2020-06-09T18:19:12.000Z'],
    [1_591_726_752_372, '2020-06-09T18:19:12.372Z'],
    ['1591726752', '2020-06-09T18:19:12.000Z'],
    [99_999_999_999, '5138-11-16T09:46:39.000Z'],
    [1e11, '1973-03-03T09:46:40.000Z'],
  ])('reads the timestamp %j as %s', (timestamp, expected) => {
    expect(trackOf({ timestamp }).timestamp).toBe(expected);
  });

  it.each([
    [{ email: undefined }, 'no recipient'],
    [{ email: '  ' }, 'no recipient'],
    [{ email: 7 }, 'no recipient'],
    [{ timestamp: undefined }, 'no usable timestamp'],
    [{ timestamp: 'yesterday' }, 'no usable timestamp'],
    [{ timestamp: '' }, 'no usable timestamp'],
    [{ timestamp: ' ' }, 'no usable timestamp'],
    [{ timestamp: 1e300 }, 'no usable timestamp'],
  ])('is unusable with %j', (fields, reason) => {
    expect(convert(fields)).toEqual({ kind: 'unusable', reason });
  });

  it('is unusable above 32 KB, counted in bytes of what would be sent', () => {
    const bytesWithout = Buffer.byteLength(JSON.stringify(trackOf({ url: 'x' }))) - 1;
    const room = 32 * 1_024 - bytesWithout;
    expect(convert({ url: 'x'.repeat(room) }).kind).toBe('track');
    expect(convert({ url: 'x'.repeat(room + 1) })).toEqual({ kind: 'unusable', reason: 'larger than 32 KB' });
    expect(convert({ url: 'ä'.repeat(Math.ceil((room + 1) / 2)) }).kind).toBe('unusable');
    // what is not sent does not count
    expect(convert({ unique_arg: 'x'.repeat(100_000) }).kind).toBe('track');
  });
});

describe('the id of a message', () => {
  it('is the same for every attempt, and another one for another event or integration', () => {
    expect(messageIdOf(integrationId, 'a')).toBe(messageIdOf(integrationId, 'a'));
    const ids = [
      messageIdOf(integrationId, 'a'),
      messageIdOf(integrationId, 'b'),
      messageIdOf('intg_ba9876543210', 'a'),
      messageIdOf('intg_ba9876543210', 'b'),
    ];
    expect(new Set(ids).size).toBe(4);
  });

  it('has at most 100 characters, however long the id of the event is', () => {
    expect(messageIdOf(integrationId, 'x'.repeat(1_000)).length).toBeLessThanOrEqual(100);
  });
});
