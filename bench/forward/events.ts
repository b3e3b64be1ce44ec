/** Email events as SendGrid posts them: a body is made once, and gets new ids in place before each post. */
import { randomBytes } from 'node:crypto';

const idPlace = '#'.repeat(24);
const kinds = ['processed', 'delivered', 'open', 'click', 'deferred', 'bounce'] as const;

export class Posts {
  readonly #body: Buffer;
  readonly #places: readonly number[];
  /** Ids of two generators never meet. */
  readonly #prefix = randomBytes(6).toString('hex');
  #count = 0;

  constructor(events: number) {
    const elements = Array.from({ length: events }, (_, index) => JSON.stringify(eventOf(index)));
    this.#body = Buffer.from(`[${elements.join(',\r\n')}]\r\n`);
    const places = [];
    for (let at = this.#body.indexOf(idPlace); at !== -1; at = this.#body.indexOf(idPlace, at + 1)) {
      places.push(at);
    }
    this.#places = places;
  }

  /** With ids that no other body has. */
  next(): Buffer {
    for (const place of this.#places) {
      this.#body.write(this.#prefix + (this.#count++).toString(16).padStart(12, '0'), place, 'latin1');
    }
    return Buffer.from(this.#body);
  }
}

/** About 450 bytes, as the documented examples. */
function eventOf(index: number): Readonly<Record<string, unknown>> {
  const event = kinds[index % kinds.length] ?? 'delivered';
  const common = {
    email: `recipient-${index}@example.com`,
    timestamp: 1_700_000_000 + index,
    'smtp-id': `<14c5d75ce93.dfd.${index}@ismtpd-555>`,
    event,
    category: ['newsletter', 'autumn'],
    sg_event_id: idPlace,
    sg_message_id: `14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.${index}`,
  };
  if (event === 'open' || event === 'click') {
    const useragent = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)';
    const link = event === 'click' && { url: `https://shop.example.com/products/${index}?utm_source=mail` };
    return { ...common, useragent, ip: '203.0.113.17', sg_content_type: 'html', ...link };
  }
  return {
    ...common,
    response: '250 2.0.0 OK 1700000000 q5-20020a170902dac500b001',
    ip: '198.51.100.4',
    tls: 1,
  };
}
