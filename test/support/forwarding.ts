/** What tests of forwarding need: events as SendGrid posts them, Segment integrations, and looks at their delivery. */
import { setImmediate } from 'node:timers/promises';
import { vi } from 'vitest';
import { type ButterClient, butterCall } from './butter.ts';
import { call } from './http.ts';

export const sourceId = `src_${'0123456789abcdef'.repeat(2)}`;

/** Waits for what comes soon, and tells of the last failure where it does not. */
export async function until(condition: () => Promise<void> | void, timeout = 30_000): Promise<void> {
  await vi.waitFor(condition, { timeout, interval: 20 });
}

/** The ids of events that nobody else has. */
export function newEventIds(name: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${name}-${index}`);
}

/** As SendGrid posts them, each with its id also as sg_message_id, which the sink is told. */
export function webhookOf(
  ids: readonly string[],
  event = 'open',
): readonly Readonly<Record<string, unknown>>[] {
  return ids.map((id) => ({
    email: `${id}@example.com`,
    timestamp: 1_700_000_000,
    event,
    sg_event_id: id,
    sg_message_id: id,
  }));
}

/** @throws Error where they were not taken */
export async function postEvents(server: { readonly url: string }, ids: readonly string[]): Promise<void> {
  await postWebhook(server, webhookOf(ids));
}

/** @throws Error where it was not taken */
export async function postWebhook(
  server: { readonly url: string },
  events: readonly unknown[],
): Promise<void> {
  const posted = await call(server, 'POST', `/events/sendgrid/${sourceId}`, { json: events });
  if (posted.status !== 200) throw new Error(`not taken: ${posted.status} ${posted.text}`);
}

/** Posts again until the events are taken, as SendGrid does; where a post got no answer it may have been taken. */
export async function postUntilTaken(
  server: () => { readonly url: string },
  ids: readonly string[],
): Promise<void> {
  for (;;) {
    try {
      return await postEvents(server(), ids);
    } catch {
      await setImmediate();
    }
  }
}

export interface SegmentWish {
  readonly writeKey: string;
  readonly region?: 'US' | 'EU';
}

/** @returns the new integration's id. */
export async function createSegment(
  client: ButterClient,
  { writeKey, region = 'US' }: SegmentWish,
): Promise<string> {
  const created = await butterCall(client, 'POST', '/api/integrations', {
    json: {
      // nothing of the key: some tests look for it where it must not be
      name: `Forwarded in ${region}`,
      credentials: { provider: 'segment', write_key: writeKey, destination_region: region },
      filters: { email_events: ['open'] },
    },
  });
  if (created.status !== 201) throw new Error(`not created: ${created.status} ${created.text}`);
  return created.json.data.integration_id;
}

export interface Delivery {
  readonly state: string;
  readonly waiting_events: number;
  readonly dead_letters: number;
  readonly last_success_at: string | null;
  readonly last_error: string | null;
  readonly next_attempt_at: string | null;
}

export async function deliveryOf(client: ButterClient, id: string): Promise<Delivery> {
  return await data(client, `/api/integrations/${id}/delivery`);
}

export interface DeadLetter {
  readonly sg_event_id: string;
  readonly reason: string;
}

export async function deadLettersOf(client: ButterClient, id: string): Promise<readonly DeadLetter[]> {
  return await data(client, `/api/integrations/${id}/dead-letters?limit=100`);
}

/** @throws Error unless it is answered with a 2xx */
export async function act(client: ButterClient, path: string, json?: unknown): Promise<any> {
  const { status, text, json: answered } = await butterCall(client, 'POST', path, json ? { json } : {});
  if (status < 200 || status > 299) throw new Error(`not done: ${status} ${text}`);
  return answered;
}

async function data(client: ButterClient, path: string): Promise<any> {
  const { status, text, json } = await butterCall(client, 'GET', path);
  if (status !== 200) throw new Error(`not read: ${status} ${text}`);
  return json.data;
}
