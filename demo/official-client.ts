/** SendGrid's own client, with nothing changed but its base URL. */
import client from '@sendgrid/client';
import { z } from 'zod';
import { type Connected, newWriteKey, type Plan } from './integrations.ts';

const path = '/v3/marketing/integrations';
const createdForm = z.looseObject({ integration_id: z.string() });

export function pointClientAt(url: string, key: string): void {
  client.setApiKey(key);
  client.setDefaultRequest('baseUrl', url);
}

export async function createIntegration(plan: Plan): Promise<Connected> {
  const writeKey = newWriteKey();
  const [, body] = await client.request({
    url: path,
    method: 'POST',
    body: {
      destination: 'Segment',
      label: plan.label,
      filters: { email_events: plan.events },
      properties: { write_key: writeKey, destination_region: plan.region },
    },
  });
  return { ...plan, writeKey, id: createdForm.parse(body).integration_id };
}

/** All or none, in one request. */
export async function deleteIntegrations(ids: readonly string[]): Promise<void> {
  const [{ statusCode }] = await client.request({ url: path, method: 'DELETE', qs: { ids } });
  if (statusCode !== 204) throw new Error(`the delete was answered ${statusCode}`);
}
