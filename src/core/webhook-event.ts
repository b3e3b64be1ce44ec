/**
 * Events as SendGrid's Event Webhook sends them (contract: events, section 1). An element is read only as far as the
 * log needs; what a destination needs of it is read when it is sent.
 */
import { type EmailEvent, emailEvents, rejectedKind, unknownKind } from './email-event.ts';
import { isStorableText } from './text.ts';

/** An event on its way into the log. */
export interface NewEvent {
  readonly kind: number;
  readonly sgEventId: string;
  /** The element's text as it came; of a rejected one, JSON of `{reason, element, count}`. */
  readonly payload: string;
}

/** Why an element is no event. */
export type RejectionReason =
  | 'not an object'
  | 'no event name'
  | 'no sg_event_id'
  | 'sg_event_id is unusable'
  | 'nested too deeply'
  | 'larger than 256 KB'
  | 'not UTF-8';

export interface Rejection {
  readonly reason: RejectionReason;
  /** What is kept of the element. */
  readonly element: string;
}

/** In bytes. Far above what SendGrid sends; a longer one is no id. */
const longestEventId = 1_000;
/** In bytes. Nobody could send a larger one on, and each would be held in memory whole. */
const largestElement = 256 * 1024;
/** What is kept of an element that is no event. */
const keptOfRejected = 2_000;

/** Webhook names that differ from the integration's vocabulary. */
const renamed: ReadonlyMap<string, EmailEvent> = new Map([['dropped', 'drop']]);
const sameName: ReadonlySet<string> = new Set(
  emailEvents.filter((name) => name !== 'drop' && name !== 'machine_opened'),
);

/** `text`: the element as it was written; undefined where it is nested too deeply. */
export function readWebhookEvent(element: unknown, text: string | undefined): NewEvent | Rejection {
  if (text === undefined) return { reason: 'nested too deeply', element: '' };
  if (isLonger(text, largestElement)) return { reason: 'larger than 256 KB', element: '' };
  if (typeof element !== 'object' || element === null || Array.isArray(element)) {
    return rejection('not an object', text);
  }
  const { event, sg_event_id: id, sg_machine_open: byMachine } = element as Readonly<Record<string, unknown>>;
  if (typeof event !== 'string' || event === '') return rejection('no event name', text);
  if (typeof id !== 'string' || id === '') return rejection('no sg_event_id', text);
  if (isLonger(id, longestEventId) || !isStorableText(id)) return rejection('sg_event_id is unusable', text);
  return { kind: kindOf(event, byMachine === true), sgEventId: id, payload: text };
}

export function rejection(reason: RejectionReason, text: string): Rejection {
  return { reason, element: text.slice(0, keptOfRejected) };
}

/** As the log keeps it, with the event source that it came through. `count`: how many elements it stands for. */
export function toRejected({ reason, element }: Rejection, sourceId: string, count = 1): NewEvent {
  const payload = JSON.stringify({ reason, element, count, source_id: sourceId });
  return { kind: rejectedKind, sgEventId: '', payload };
}

/** A character of a string has three bytes at most. */
function isLonger(text: string, bytes: number): boolean {
  return text.length * 3 > bytes && Buffer.byteLength(text) > bytes;
}

function kindOf(event: string, byMachine: boolean): number {
  const name = event === 'open' && byMachine ? 'machine_opened' : (renamed.get(event) ?? event);
  if (name !== 'machine_opened' && name !== 'drop' && !sameName.has(name)) return unknownKind;
  // `drop` as a webhook name is none of SendGrid's: only `dropped` is
  if (event === 'drop' || event === 'machine_opened') return unknownKind;
  return emailEvents.findIndex((each) => each === name);
}
