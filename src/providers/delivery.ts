/** Sending email events to a destination: what a provider offers the forwarder. */
import type { EmailEvent } from '../core/email-event.ts';

export interface OutgoingEvent {
  readonly position: number;
  readonly event: EmailEvent;
  readonly sgEventId: string;
  readonly payload: string;
}

/** An event that this destination will never take. */
export interface RejectedEvent {
  readonly position: number;
  readonly reason: string;
}

/** An event ready to be sent, in the destination's own form. */
export interface PreparedEvent {
  readonly position: number;
  readonly json: string;
  /** Of the JSON in UTF-8. */
  readonly bytes: number;
}

/**
 * `retry`: nothing arrived, try the same again, not before `afterMs` where the destination named a time. `refused`: the
 * content was not taken; a part of it may be. `failed` with `retryable` false in the table is `refused` as a whole.
 */
export type SendOutcome =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'retry'; readonly reason: string; readonly afterMs: number | undefined }
  | { readonly kind: 'refused'; readonly reason: string; readonly divisible: boolean };

export interface SendResult {
  readonly outcome: SendOutcome;
  /** Undefined where there was no answer. */
  readonly status: number | undefined;
  /** Why there was none, in fixed words; undefined where there was one. */
  readonly error: string | undefined;
  /** The first bytes of the answer, for the delivery log. */
  readonly answer: string;
}

export interface Destination {
  readonly integrationId: string;
  /** The opened credentials in the provider's own form. */
  readonly credentials: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, unknown>>;
}

export interface Delivery {
  /** Splits events into what can be sent and what never can. */
  prepare(
    integrationId: string,
    events: readonly OutgoingEvent[],
  ): {
    readonly ready: readonly PreparedEvent[];
    readonly rejected: readonly RejectedEvent[];
  };
  /** How many of the events, from one on, fit into one request. At least one. */
  fit(events: readonly PreparedEvent[], from: number): number;
  send(destination: Destination, events: readonly PreparedEvent[], signal: AbortSignal): Promise<SendResult>;
}
