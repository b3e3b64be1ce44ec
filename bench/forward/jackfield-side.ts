/** Jackfield as its own process, with organizations that each have an event source and Segment integrations. */
import { createApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config/config.ts';
import { emailEvents } from '../../src/core/email-event.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { type ButterClient, butterCall } from '../../test/support/butter.ts';
import { startProcess } from '../../test/support/process.ts';
import { type BenchDatabase } from '../database.ts';
import { readMemory } from '../machine.ts';
import type { Target } from './orders.ts';
import type { Bench, Side } from './side.ts';

export interface JackfieldOptions {
  readonly database: BenchDatabase;
  readonly organizations: number;
  /** Of each organization. */
  readonly destinations: number;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface JackfieldSide extends Side {
  readonly writeKeys: readonly string[];
  readonly integrationIds: readonly string[];
  readonly owners: readonly { readonly roleKey: string }[];
  readonly url: string;
}

export async function startJackfield(bench: Bench, options: JackfieldOptions): Promise<JackfieldSide> {
  const { database, organizations, destinations } = options;
  const environment = {
    ...database.environment,
    JACKFIELD_SEGMENT_US_URL: bench.sinkUrl,
    JACKFIELD_SEGMENT_INTEGRATION_LIMIT: '100000',
    ...options.environment,
  };
  const owners = await createOrganizations(environment, organizations);
  const running = await startProcess(environment);
  const targets: Target[] = [];
  const writeKeys: string[] = [];
  const integrationIds: string[] = [];
  for (const owner of owners) {
    const client = { ...owner, url: running.url };
    targets.push(await createSource(client, bench.signingKey));
    for (let index = 0; index < destinations; index++) {
      const writeKey = `wk-${writeKeys.length}-${'x'.repeat(20)}`;
      writeKeys.push(writeKey);
      integrationIds.push(await createDestination(client, writeKey));
    }
  }
  return {
    name: 'Jackfield',
    targets,
    writeKeys,
    integrationIds,
    owners,
    url: running.url,
    pid: running.child.pid ?? 0,
    memory: async () => await readMemory(running.child.pid ?? 0),
    [Symbol.asyncDispose]: async () => void (await running.end('SIGTERM')),
  };
}

type Owner = Omit<ButterClient, 'url'>;

/** By an app of its own, in this process, that has ended when the one to be measured starts. */
async function createOrganizations(
  environment: Readonly<Record<string, string>>,
  count: number,
): Promise<readonly Owner[]> {
  const app = await createApp({
    config: loadConfig(environment),
    logger: createLogger('silent'),
    onFatal: (error) => {
      throw error;
    },
  });
  const owners = [];
  for (let index = 0; index < count; index++) {
    const { organizationId, roleKey } = await app.organizations.create();
    owners.push({ organizationId, roleKey: roleKey.reveal() });
  }
  await app.stop();
  return owners;
}

async function createSource(client: ButterClient, key: Bench['signingKey']): Promise<Target> {
  const json = { name: 'bench', kind: 'sendgrid', public_key: key.publicKey };
  const created = await butterCall(client, 'POST', '/api/event-sources', { json });
  if (created.status !== 201) throw new Error(`no source: ${created.text}`);
  const url = `${client.url}/events/sendgrid/${created.json.data.source_id}`;
  return { url, privateKey: key.privateKey };
}

async function createDestination(client: ButterClient, writeKey: string): Promise<string> {
  const json = {
    name: 'bench',
    credentials: { provider: 'segment', write_key: writeKey, destination_region: 'US' },
    filters: { email_events: emailEvents },
  };
  const created = await butterCall(client, 'POST', '/api/integrations', { json });
  if (created.status !== 201) throw new Error(`no integration: ${created.text}`);
  return created.json.data.integration_id;
}
