/**
 * A Jackfield with data like that of a company of middling size: all of it made through the API, and then spread over
 * the day before.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { EmailEvent } from '../src/core/email-event.ts';
import { newRoleKey } from '../src/core/role-key.ts';
import { type ButterClient, butterCall, twilioCredentials } from '../test/support/butter.ts';
import { createEmptyDatabase } from '../test/support/empty-database.ts';
import { startPostgres } from '../test/support/postgres-server.ts';
import { startProcess } from '../test/support/process.ts';
import { SegmentSink, type SinkAnswer } from '../test/support/segment-sink.ts';
import { newEvent, postEvents, type WebhookEvent } from '../test/support/webhook.ts';
import { garbledAnswer, type Outage, PastDelivery } from './stock/deliveries.ts';
import { spread } from './stock/past.ts';
import { isGarbled, makeDay, minuteMs, type Post } from './stock/traffic.ts';

const eventSourceId = `src_${'0123456789abcdef'.repeat(2)}`;
const organizationId = 'org_northwind';
const hourMs = 60 * minuteMs;

const engagement: readonly EmailEvent[] = ['open', 'click', 'unsubscribe', 'spamreport'];
const outcomes: readonly EmailEvent[] = ['delivered', 'bounce', 'drop'];
const most: readonly EmailEvent[] = [...outcomes, ...engagement];

/** When one is deleted, and since when its destination was down. */
const deletedAt = -5.2 * hourMs;
const downBeforeDelete = deletedAt - 40 * minuteMs;
const pausedAt = -2.6 * hourMs;
const unavailable = {
  status: 503,
  answer: 'upstream connect error or disconnect/reset before headers',
} as const;
const down: Outage = { from: -23 * minuteMs, to: 1, ...unavailable };
const past: Outage = { from: -52 * minuteMs, to: -39 * minuteMs, status: null, answer: '' };
const longPast: Outage = { from: -13 * hourMs, to: -12.2 * hourMs, ...unavailable };

interface Planned {
  readonly name: string;
  readonly events: readonly EmailEvent[];
  readonly pausedAt?: number;
  readonly outages?: readonly Outage[];
}

const planned: readonly Planned[] = [
  { name: 'Product analytics', events: most, outages: [longPast] },
  { name: 'Marketing warehouse', events: [...engagement, 'delivered'] },
  { name: 'Customer success', events: most, outages: [past] },
  { name: 'Lifecycle campaigns', events: engagement },
  { name: 'Billing notices', events: outcomes, outages: [down] },
  { name: 'Staging workspace', events: ['bounce', 'drop'], pausedAt },
  { name: 'Partner portal', events: ['delivered', 'click'] },
];
const formerName = 'Old warehouse';
const keyOf = (name: string): string => `write-key-${name.toLowerCase().replaceAll(' ', '-')}`;

export interface Stock extends AsyncDisposable {
  readonly url: string;
  readonly roleKey: string;
  readonly segments: readonly string[];
  readonly twilios: readonly string[];
  readonly followedEvent: string;
  /** Two integrations with events that their destination does not take: to be deleted. */
  addDoomed(): Promise<void>;
}

export async function startStock(): Promise<Stock> {
  const resources = new AsyncDisposableStack();
  const postgres = resources.use(await startPostgres());
  const database = resources.use(await createEmptyDatabase(postgres.url));
  const sink = resources.use(await SegmentSink.start());
  const roleKey = newRoleKey().token;
  const environment = {
    ...database.environment,
    JACKFIELD_BOOTSTRAP_API_KEY: roleKey,
    JACKFIELD_BOOTSTRAP_ORGANIZATION_ID: organizationId,
    JACKFIELD_BOOTSTRAP_SOURCE_ID: eventSourceId,
    JACKFIELD_SEGMENT_INTEGRATION_LIMIT: '50',
    JACKFIELD_TWILIO_URL: 'http://127.0.0.1:9',
    ...sink.environment,
  };
  const posts = makeDay();
  const made = await liveTheDay(environment, roleKey, { sink, posts });
  const deliveries = new Map(
    planned.map(({ name, events, ...rest }, index) => [
      made.segments[index] ?? name,
      new PastDelivery(posts, { kinds: events, seed: index + 1, ...rest }),
    ]),
  );
  await spread(database.url, { organizationId, posts, deliveries, deletedAt, pausedAt });
  // whoever stops counts by the minute what was not counted yet
  await (await startProcess(environment)).end('SIGTERM');
  const server = resources.use(await startProcess(environment));
  const client = { url: server.url, roleKey, organizationId };
  const traffic = await keepComing(server.url);
  resources.defer(traffic.stop);
  await untilQuiet(client, made.segments);
  return {
    ...made,
    url: server.url,
    roleKey,
    addDoomed: async () => await addDoomed(client, sink),
    [Symbol.asyncDispose]: async () => await resources.disposeAsync(),
  };
}

/** All that is recorded, made in seconds, in the order of the day. */
async function liveTheDay(
  environment: Readonly<Record<string, string>>,
  roleKey: string,
  { sink, posts }: { readonly sink: SegmentSink; readonly posts: readonly Post[] },
): Promise<Pick<Stock, 'segments' | 'twilios' | 'followedEvent'>> {
  await using server = await startProcess(environment);
  const client = { url: server.url, roleKey, organizationId };
  const segments: string[] = [];
  for (const each of planned) segments.push(await createSegment(client, sink, each));
  const former = await createSegment(client, sink, { name: formerName, events: ['delivered', 'bounce'] });
  const twilios = await createTwilios(client);
  const key = { name: 'Deployment pipeline', role: 'agent_manager' };
  await send(client, 'POST', '/api/api-keys', key);
  await send(client, 'POST', '/api/api-keys', {
    name: 'Reporting',
    role: 'user',
    expires_at: '2035-01-01T00:00:00Z',
  });
  const until = async (from: number, to: number) => {
    await postBetween(server.url, posts, { from, to });
    await untilQuiet(client, segments);
  };
  await until(Number.NEGATIVE_INFINITY, downBeforeDelete);
  sink.answers.set(keyOf(formerName), refuse);
  await until(downBeforeDelete, deletedAt);
  await send(client, 'DELETE', `/api/integrations/${former}`);
  await until(deletedAt, pausedAt);
  await send(client, 'POST', `/api/integrations/${segments[5]}/pause`);
  await until(pausedAt, down.from);
  sink.answers.set(keyOf('Billing notices'), refuse);
  await until(down.from, 0);
  await server.end('SIGTERM');
  const followed = posts.findLast(({ at }) => at < -4 * minuteMs)?.events;
  return { segments, twilios, followedEvent: followed?.findLast(isDelivered)?.sg_event_id ?? '' };
}

const isDelivered = ({ event }: WebhookEvent): boolean => event === 'delivered';

const refuse: SinkAnswer = (response) => void response.writeHead(unavailable.status).end(unavailable.answer);

/** As Segment answers, and as long as it takes. */
const take: SinkAnswer = (response, { batch }) => {
  const isRefused = batch.some(({ properties }) => isGarbled(properties));
  setTimeout(
    () => response.writeHead(isRefused ? 400 : 200).end(isRefused ? garbledAnswer : '{"success":true}'),
    40,
  );
};

async function createSegment(client: ButterClient, sink: SegmentSink, { name, events }: Planned) {
  sink.answers.set(keyOf(name), take);
  const created = await send(client, 'POST', '/api/integrations', {
    name,
    credentials: { provider: 'segment', write_key: keyOf(name), destination_region: 'US' },
    filters: { email_events: events },
  });
  return String(created.data.integration_id);
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

async function postBetween(
  url: string,
  posts: readonly Post[],
  { from, to }: Pick<Outage, 'from' | 'to'>,
): Promise<void> {
  const events = posts.filter(({ at }) => at >= from && at < to).flatMap((post) => post.events);
  for (let start = 0; start < events.length; start += 500)
    await postEvents({ url, eventSourceId }, events.slice(start, start + 500));
}

/** Until nothing waits for those that run. */
async function untilQuiet(client: ButterClient, ids: readonly string[]): Promise<void> {
  const waits = async (id: string) => {
    const { data } = await send(client, 'GET', `/api/integrations/${id}/delivery`);
    return data.state === 'running' && data.waiting_events > 0;
  };
  while ((await Promise.all(ids.map(waits))).includes(true)) await pause(200);
}

/** The day goes on while it is looked at. */
async function keepComing(url: string): Promise<{ readonly stop: () => Promise<void> }> {
  const kinds = ['processed', 'delivered', 'delivered', 'open', 'open', 'click'];
  const events = () => kinds.map((kind) => newEvent(kind, { timestamp: Math.floor(Date.now() / 1_000) }));
  const post = async () => await postEvents({ url, eventSourceId }, events());
  await post();
  let last = Promise.resolve();
  const timer = setInterval(() => {
    last = post().catch(console.error);
  }, 8_000);
  return {
    stop: async () => {
      clearInterval(timer);
      await last;
    },
  };
}

async function addDoomed(client: ButterClient, sink: SegmentSink): Promise<void> {
  for (const name of ['Spring campaign', 'Press list']) {
    await createSegment(client, sink, { name, events: ['delivered'] });
    sink.answers.set(keyOf(name), refuse);
  }
  const target = { url: client.url, eventSourceId };
  await postEvents(
    target,
    Array.from({ length: 14 }, () => newEvent('delivered')),
  );
}

async function send(client: ButterClient, method: string, path: string, json?: unknown) {
  const answer = await butterCall(client, method, path, json === undefined ? {} : { json });
  if (answer.status > 299) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  return answer.json;
}
