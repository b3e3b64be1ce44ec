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
  /** The element's text as it came; of a rejected one, JSON of `{reason, element}`. */
  readonly payload: string;
}

/** Far above what SendGrid sends; a longer one is no id. */
const longestEventId = 1_000;
/** What is kept of an element that is no event. */
const keptOfRejected = 2_000;
const tooDeep = 'nested too deeply';

/** Webhook names that differ from the integration's vocabulary. */
const renamed: ReadonlyMap<string, EmailEvent> = new Map([['dropped', 'drop']]);
const sameName: ReadonlySet<string> = new Set(
  emailEvents.filter((name) => name !== 'drop' && name !== 'machine_opened'),
);

/** `text`: the element as it was written; undefined where it is nested too deeply. */
export function readWebhookEvent(element: unknown, text: string | undefined): NewEvent {
  if (typeof element !== 'object' || element === null || Array.isArray(element)) {
    return reject('not an object', text);
  }
  const { event, sg_event_id: id, sg_machine_open: byMachine } = element as Readonly<Record<string, unknown>>;
  if (typeof event !== 'string' || event === '') return reject('no event name', text);
  if (typeof id !== 'string' || id === '') return reject('no sg_event_id', text);
  if (id.length > longestEventId || !isStorableText(id)) return reject('sg_event_id is unusable', text);
  if (text === undefined) return reject(tooDeep, text);
  return { kind: kindOf(event, byMachine === true), sgEventId: id, payload: text };
}

function kindOf(event: string, byMachine: boolean): number {
  const name = event === 'open' && byMachine ? 'machine_opened' : (renamed.get(event) ?? event);
  if (name !== 'machine_opened' && name !== 'drop' && !sameName.has(name)) return unknownKind;
  // `drop` as a webhook name is none of SendGrid's: only `dropped` is
  if (event === 'drop' || event === 'machine_opened') return unknownKind;
  return emailEvents.findIndex((each) => each === name);
}

function reject(reason: string, text: string | undefined): NewEvent {
  const kept = {
    reason: text === undefined ? tooDeep : reason,
    element: (text ?? '').slice(0, keptOfRejected),
  };
  return { kind: rejectedKind, sgEventId: '', payload: JSON.stringify(kept) };
}
