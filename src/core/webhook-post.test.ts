import { describe, expect, it } from 'vitest';
import { rejectedKind } from './email-event.ts';
import { readWebhookPost } from './webhook-post.ts';

const event = (id: string, fields: Readonly<Record<string, unknown>> = {}) =>
  JSON.stringify({ event: 'open', sg_event_id: id, ...fields });

function read(...parts: readonly (string | readonly number[])[]) {
  const post = readWebhookPost(
    Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part)))),
    'src_1',
  );
  if (post === undefined) throw new Error('no array');
  const rejections = post.events.filter(({ kind }) => kind === rejectedKind);
  return { ...post, rejections: rejections.map(({ payload }): unknown => JSON.parse(payload)) };
}

describe('a post of the webhook', () => {
  it('loses only the elements that are not UTF-8', () => {
    const text = event('id-1', { name: 'Zoë, 😀 "[' });
    const { events, accepted, rejected, rejections } = read(
      `[${text}, {"event":"open","sg_event_id":"id-2","name":"a`,
      [0xff],
      `"} ,\r\n[${text}],${event('id-3')}]`,
    );
    expect([accepted, rejected]).toEqual([2, 2]);
    expect(events.slice(0, 2).map(({ sgEventId, payload }) => [sgEventId, payload])).toEqual([
      ['id-1', text],
      ['id-3', event('id-3')],
    ]);
    expect(rejections).toMatchObject([
      {
        reason: 'not UTF-8',
        element: '{"event":"open","sg_event_id":"id-2","name":"a\ufffd"}',
        count: 1,
      },
      { reason: 'not an object', element: `[${text}]`, count: 1 },
    ]);
  });

  it.each<[string, readonly (string | readonly number[])[]]>([
    ['no array', ['{}']],
    ['no JSON', ['[1,']],
    ['no JSON and no UTF-8', ['["', [0xff], '",']],
    ['bytes that are not UTF-8 outside of any text', ['[1,', [0xff], ']']],
  ])('can be told apart as little as %s', (_, parts) => {
    expect(() => read(...parts)).toThrow('no array');
  });

  it('keeps the first rejected elements, and of the others their number by reason', () => {
    const zeros = '0,'.repeat(300);
    const { events, accepted, rejected, rejections } = read(
      `[${zeros}${event('id-1')},${'{},'.repeat(50)}1]`,
    );
    expect([accepted, rejected, events.length]).toEqual([1, 351, 1 + 100 + 2]);
    expect(rejections[0]).toEqual({ reason: 'not an object', element: '0', count: 1, source_id: 'src_1' });
    expect(rejections.slice(100)).toMatchObject([
      { reason: 'not an object', element: '', count: 201 },
      { reason: 'no event name', element: '', count: 50 },
    ]);
  });
});
