import { describe, expect, it } from 'vitest';
import { eventOfKind, rejectedKind, unknownKind } from './email-event.ts';
import { elementTexts } from './json-elements.ts';
import { type NewEvent, readWebhookEvent, toRejected } from './webhook-event.ts';

/** As the log takes it. */
function read(element: unknown, text: string | undefined = JSON.stringify(element)): NewEvent {
  const result = readWebhookEvent(element, text);
  return 'kind' in result ? result : toRejected(result, 'src_1');
}

const element = (event: string, fields: Readonly<Record<string, unknown>> = {}) => ({
  email: 'alex@example.com',
  timestamp: 1_700_000_000,
  event,
  sg_event_id: 'id-1',
  ...fields,
});

const nameOf = (event: string, fields?: Readonly<Record<string, unknown>>) =>
  eventOfKind(read(element(event, fields)).kind);

describe('an event of the webhook', () => {
  it.each([
    'processed',
    'delivered',
    'deferred',
    'bounce',
    'open',
    'click',
    'spamreport',
    'unsubscribe',
    'group_unsubscribe',
    'group_resubscribe',
  ])('%s has the same name for integrations', (event) => {
    expect(nameOf(event)).toBe(event);
  });

  it('dropped is called drop for integrations', () => {
    expect(nameOf('dropped')).toBe('drop');
  });

  it('open counts as opened by a machine only where SendGrid says true', () => {
    expect(nameOf('open', { sg_machine_open: true })).toBe('machine_opened');
    for (const other of [false, null, 'true', 1])
      expect(nameOf('open', { sg_machine_open: other })).toBe('open');
    expect(nameOf('click', { sg_machine_open: true })).toBe('click');
  });

  it('bounce is one kind, whether the address or the message was refused', () => {
    expect(nameOf('bounce', { type: 'blocked' })).toBe('bounce');
    expect(nameOf('bounce', { type: 'bounce' })).toBe('bounce');
  });

  it.each(['account_status_change', 'drop', 'machine_opened', 'Delivered', 'constructor', 'future_thing'])(
    '%s is kept as unknown',
    (event) => {
      expect(read(element(event))).toMatchObject({ kind: unknownKind, sgEventId: 'id-1' });
    },
  );

  it('keeps every field as it came', () => {
    const full = element('click', {
      url: 'https://example.com/ä',
      category: ['a', 'b'],
      nested: { deep: [1] },
    });
    expect(JSON.parse(read(full).payload)).toEqual(full);
  });

  it('may have an id of more than 100 characters', () => {
    const id = 'x'.repeat(400);
    expect(read(element('open', { sg_event_id: id }))).toMatchObject({ sgEventId: id });
  });
});

describe('an element that is no event', () => {
  it.each([
    [null, 'not an object'],
    [7, 'not an object'],
    ['open', 'not an object'],
    [[element('open')], 'not an object'],
    [{ sg_event_id: 'id-1' }, 'no event name'],
    [element(''), 'no event name'],
    [{ ...element('open'), event: 5 }, 'no event name'],
    [{ ...element('open'), sg_event_id: undefined }, 'no sg_event_id'],
    [element('open', { sg_event_id: '' }), 'no sg_event_id'],
    [element('open', { sg_event_id: 12 }), 'no sg_event_id'],
    [element('open', { sg_event_id: 'a\0b' }), 'sg_event_id is unusable'],
    [element('open', { sg_event_id: '\ud800' }), 'sg_event_id is unusable'],
    [element('open', { sg_event_id: 'x'.repeat(1_001) }), 'sg_event_id is unusable'],
    [element('open', { sg_event_id: 'ä'.repeat(501) }), 'sg_event_id is unusable'],
  ])('is kept as rejected with its reason, case %#', (broken, reason) => {
    const { kind, sgEventId, payload } = read(broken);
    expect([kind, sgEventId, JSON.parse(payload).reason]).toEqual([rejectedKind, '', reason]);
  });

  it('is kept up to a length', () => {
    const { payload } = read({ event: '', text: 'x'.repeat(100_000) });
    expect(payload.length).toBeLessThan(5_000);
  });

  it('is rejected above 256 KB, and nothing of it is kept', () => {
    const padded = (character: string, count: number) =>
      element('open', { padding: character.repeat(count) });
    expect(read(padded('x', 256_000))).toMatchObject({ sgEventId: 'id-1' });
    for (const large of [padded('x', 256 * 1_024), padded('ä', 128 * 1_024), 'x'.repeat(300_000)]) {
      const { kind, payload } = read(large);
      const kept = { reason: 'larger than 256 KB', element: '', count: 1, source_id: 'src_1' };
      expect([kind, JSON.parse(payload)]).toEqual([rejectedKind, kept]);
    }
  });

  it('is rejected where it is nested deeper than can be written again', () => {
    const depth = 50_000;
    const nested = `${'['.repeat(depth)}{"1":2}${']'.repeat(depth)}`;
    const json = `[${nested},{"event":"open","sg_event_id":"id-1","nested":${nested}}]`;
    const texts = elementTexts(json);
    const elements: readonly unknown[] = JSON.parse(json);
    for (const [index, broken] of elements.entries()) {
      expect([index, texts[index]]).toEqual([index, undefined]);
      expect(readWebhookEvent(broken, undefined)).toEqual({ reason: 'nested too deeply', element: '' });
    }
  });
});
