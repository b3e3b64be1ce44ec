/** Delivery as it is seen and steered under /api, and what tests say about it. */
import { expect, vi } from 'vitest';
import type { EmailEvent } from '../../src/core/email-event.ts';
import { messageIdOf } from '../../src/providers/segment/track.ts';
import { type ButterClient, butterCall } from './butter.ts';
import { newEvent, type WebhookEvent } from './webhook.ts';

export const integrationPath = (id: string) => `/api/integrations/${id}`;
export const idsOf = (events: readonly WebhookEvent[]) => events.map((event) => event.sg_event_id);
export const messageIds = (integrationId: string, events: readonly WebhookEvent[]) =>
  idsOf(events).map((id) => messageIdOf(integrationId, id));
/** No recipient: it can never be sent. */
export const unusable = () => newEvent('delivered', { email: '' });

export async function until(condition: () => Promise<void> | void): Promise<void> {
  await vi.waitFor(condition, { timeout: 20_000, interval: 20 });
}

export async function data(client: ButterClient, at: string) {
  const { status, json, text } = await butterCall(client, 'GET', at);
  if (status !== 200) throw new Error(`${at}: ${status} ${text}`);
  return json.data;
}

export async function act(client: ButterClient, id: string, action: string, json?: unknown) {
  return await butterCall(
    client,
    'POST',
    `${integrationPath(id)}/${action}`,
    json === undefined ? {} : { json },
  );
}

export const delivery = async (client: ButterClient, id: string) =>
  await data(client, `${integrationPath(id)}/delivery`);
export const deadLetters = async (client: ButterClient, id: string) =>
  await data(client, `${integrationPath(id)}/dead-letters`);

export async function untilDelivery(
  client: ButterClient,
  id: string,
  expected: Readonly<Record<string, unknown>>,
) {
  await until(async () => expect(await delivery(client, id)).toMatchObject(expected));
}

export async function fatesOf(client: ButterClient, event: WebhookEvent, ids: readonly string[]) {
  const { integrations } = await data(client, `/api/events/${event.sg_event_id}`);
  const fates: ReadonlyMap<string, string> = new Map(
    integrations.map((each: { integration_id: string; fate: string }) => [each.integration_id, each.fate]),
  );
  return ids.map((id) => fates.get(id));
}

export async function changeFilter(
  client: ButterClient,
  id: string,
  events: readonly EmailEvent[],
): Promise<void> {
  const json = { filters: { email_events: events } };
  expect((await butterCall(client, 'PUT', integrationPath(id), { json })).status).toBe(200);
}

export async function deletionOf(client: ButterClient, id: string) {
  const [entry] = await data(client, `/api/audit-log?target_id=${id}&action=integration.deleted`);
  return entry.details;
}
