/** A whole post of SendGrid's Event Webhook: its elements one by one, whatever the others are. */
import { elementTexts, hasMoreMarks } from './json-elements.ts';
import {
  type NewEvent,
  type Rejection,
  type RejectionReason,
  readWebhookEvent,
  rejection,
  toRejected,
} from './webhook-event.ts';

export interface WebhookPost {
  /** What goes into the log, the kept rejected elements included. */
  readonly events: readonly NewEvent[];
  readonly accepted: number;
  readonly rejected: number;
}

/** So many rejected elements of a post are kept themselves; of the others their number, by reason. */
const mostRejectedKept = 100;

/** Even the smallest events that fill a post have fewer. What has more would take hundreds of megabytes to parse. */
const mostMarks = 1_000_000;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Undefined where the body is no JSON array, or one of far more values than events have: nothing in it can be told apart, so nothing of it can be kept. */
export function readWebhookPost(body: Uint8Array, sourceId: string): WebhookPost | undefined {
  const json = decode(body);
  const post = new PostReader();
  if (json !== undefined) {
    const elements = parseArray(json);
    if (elements === undefined) return undefined;
    const texts = elementTexts(json);
    for (const [index, element] of elements.entries()) post.add(readWebhookEvent(element, texts[index]));
    return post.end(json.length, sourceId);
  }
  // JSON's own characters are ASCII, so that a byte a character keeps the elements apart
  const latin1 = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1');
  if (parseArray(latin1) === undefined) return undefined;
  for (const text of elementTexts(latin1)) post.add(readBytes(text));
  return post.end(latin1.length, sourceId);
}

/** One element of a body that is not UTF-8 somewhere, a byte a character. */
function readBytes(text: string | undefined): NewEvent | Rejection {
  if (text === undefined) return readWebhookEvent(undefined, undefined);
  const bytes = Buffer.from(text, 'latin1');
  const decoded = decode(bytes);
  return decoded === undefined
    ? rejection('not UTF-8', bytes.toString())
    : readWebhookEvent(JSON.parse(decoded), decoded);
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

function parseArray(json: string): readonly unknown[] | undefined {
  if (hasMoreMarks(json, mostMarks)) return undefined;
  try {
    const parsed: unknown = JSON.parse(json);
    return Array.isArray(parsed) ? parsed : undefined;
  } catch {
    // the parser's message quotes the body
    return undefined;
  }
}

class PostReader {
  readonly #events: NewEvent[] = [];
  readonly #rejections: Rejection[] = [];
  readonly #counts = new Map<RejectionReason, number>();
  #characters = 0;

  add(read: NewEvent | Rejection): void {
    if ('kind' in read) {
      this.#events.push(read);
      this.#characters += read.payload.length;
    } else if (this.#rejections.length < mostRejectedKept) this.#rejections.push(read);
    else this.#counts.set(read.reason, (this.#counts.get(read.reason) ?? 0) + 1);
  }

  /** @param characters of the whole body */
  end(characters: number, sourceId: string): WebhookPost {
    const uncounted = [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
    // a payload is a piece of the body's string and keeps all of it: little of much is better copied
    const isLittle = this.#characters < characters / 2;
    return {
      events: [
        ...(isLittle ? this.#events.map(copied) : this.#events),
        ...this.#rejections.map((each) => toRejected(each, sourceId)),
        ...Array.from(this.#counts, ([reason, count]) =>
          toRejected({ reason, element: '' }, sourceId, count),
        ),
      ],
      accepted: this.#events.length,
      rejected: this.#rejections.length + uncounted,
    };
  }
}

function copied(event: NewEvent): NewEvent {
  return { ...event, payload: Buffer.from(event.payload).toString() };
}
