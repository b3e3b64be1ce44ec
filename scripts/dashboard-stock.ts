/** A Jackfield with data like that of a company of middling size, all of it made through the API. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { newRoleKey } from '../src/core/role-key.ts';
import { type ButterClient, butterCall, twilioCredentials } from '../test/support/butter.ts';
import { startProcess } from '../test/support/process.ts';
import { SegmentSink, sinkStatus } from '../test/support/segment-sink.ts';
import { newEvent, postEvents } from '../test/support/webhook.ts';

const eventSourceId = `src_${'0123456789abcdef'.repeat(2)}`;
const organizationId = 'org_northwind';

const names = [
  'Product analytics',
  'Marketing warehouse',
  'Customer success',
  'Lifecycle campaigns',
  'Billing notices',
  'Staging workspace',
  'Partner portal',
];

export interface Stock extends AsyncDisposable {
  readonly url: string;
  readonly roleKey: string;
  readonly segments: readonly string[];
  readonly twilios: readonly string[];
  readonly followedEvent: string;
}

export async function startStock(): Promise<Stock> {
  const folder = await mkdtemp(join(tmpdir(), 'jackfield-pictures-'));
  const sink = await SegmentSink.start();
  const roleKey = newRoleKey().token;
  const server = await startProcess({
    JACKFIELD_DATA_DIR: folder,
    JACKFIELD_BOOTSTRAP_API_KEY: roleKey,
    JACKFIELD_BOOTSTRAP_ORGANIZATION_ID: organizationId,
    JACKFIELD_BOOTSTRAP_SOURCE_ID: eventSourceId,
    JACKFIELD_TWILIO_URL: 'http://127.0.0.1:9',
    ...sink.environment,
  });
  const client = { url: server.url, roleKey, organizationId };
  sink.answers.set('write-key-4-xxxx', sinkStatus(503));
  const segments = await createSegments(client);
  const twilios = await createTwilios(client);
  await send(client, 'POST', `/api/integrations/${segments[5]}/pause`);
  await send(client, 'POST', '/api/api-keys', { name: 'Deployment pipeline', role: 'agent_manager' });
  await send(client, 'POST', '/api/api-keys', {
    name: 'Reporting',
    role: 'user',
    expires_at: '2035-01-01T00:00:00Z',
  });
  const followedEvent = await postTraffic({ url: server.url, eventSourceId });
  // so that most of it is delivered, and the one that is down has tried twice
  await pause(3_000);
  return {
    url: server.url,
    roleKey,
    segments,
    twilios,
    followedEvent,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await sink[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function createSegments(client: ButterClient): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const [index, name] of names.entries()) {
    const created = await send(client, 'POST', '/api/integrations', {
      name,
      credentials: {
        provider: 'segment',
        write_key: `write-key-${index}-xxxx`,
        destination_region: index % 3 === 0 ? 'EU' : 'US',
      },
      filters: {
        email_events: ['delivered', 'open', 'click', 'bounce', 'drop', 'unsubscribe', 'spamreport'],
      },
    });
    ids.push(created.data.integration_id);
  }
  return ids;
}

async function createTwilios(client: ButterClient): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const name of ['Support line', 'Sales line']) {
    const created = await send(client, 'POST', '/api/integrations', { name, credentials: twilioCredentials });
    ids.push(created.data.integration_id);
  }
  for (const [index, integration_id] of [ids[0], ids[0], ids[0], ids[1]].entries()) {
    const phone_number = `+1555010${1_000 + index * 37}`;
    const number = { phone_number, provider: 'twilio', integration_id, supports_inbound: true };
    const imported = await send(client, 'POST', '/api/phone-numbers', number);
    const { phone_number_id: id } = imported.data;
    if (index < 2)
      await send(client, 'PUT', `/api/phone-numbers/${id}`, { assigned_agent_id: `agent_${index + 1}` });
  }
  return ids;
}

async function postTraffic(target: {
  readonly url: string;
  readonly eventSourceId: string;
}): Promise<string> {
  const kinds = [
    'processed',
    'delivered',
    'delivered',
    'delivered',
    'open',
    'open',
    'click',
    'deferred',
    'bounce',
  ];
  const events = Array.from({ length: 900 }, (_, index) =>
    newEvent(kinds[index % kinds.length], { email: `reader${index % 250}@example.com` }),
  );
  for (let start = 0; start < events.length; start += 60)
    await postEvents(target, events.slice(start, start + 60));
  // nobody can be told about an event of nobody
  await postEvents(
    target,
    Array.from({ length: 3 }, () => newEvent('delivered', { email: '' })),
  );
  return events.find(({ event }) => event === 'open')?.sg_event_id ?? '';
}

async function send(client: ButterClient, method: string, path: string, json?: unknown) {
  const answer = await butterCall(client, method, path, json === undefined ? {} : { json });
  if (answer.status > 299) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  return answer.json;
}
