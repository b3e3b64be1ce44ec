/** `jackfield integrations list|get|create|update|usage`; delete has a file of its own. */
import { z } from 'zod';
import { type Command, command } from '../command.ts';
import { askCredentials, readCredentialsFile } from '../credentials.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { listInput, listOptions, printList } from '../lists.ts';
import { type Row, table } from '../text.ts';

const events = z
  .string()
  .transform((text) => text.split(',').map((event) => event.trim()))
  .optional();
const emailEvents = [
  '--email-events <events>',
  'which email events it gets, separated by commas: open,click,bounce; a new one gets none where nothing is said',
] as const;
const credentialsFile = [
  '--credentials-file <file>',
  'its credentials as a JSON object; - reads standard input. Otherwise they are asked for',
] as const;

/** How its delivery stands, in the words of a table; those that get no events have none. */
const standing = z
  .object({ state: z.string(), waiting_events: z.number() })
  .nullish()
  .transform((found) => ({ delivery: found?.state, waiting: found?.waiting_events }));

export const integrationCommands: readonly Command[] = [
  command({
    name: 'integrations list',
    summary: 'List integrations, newest first where nothing else is said',
    options: [
      ['--search <text>', 'those with this in their name or id'],
      ['--provider <name>', 'those of one provider'],
      ['--category <name>', 'those of one category'],
      ['--status <status>', 'active or invalid_credentials'],
      ['--state <states>', 'those whose delivery is in one of these states: backing_off,paused'],
      ['--sort <order>', 'created_at, name, waiting or health; with - before the first three turned around'],
      ...listOptions,
    ],
    speaksTo: 'organization',
    input: listInput.extend({
      search: z.string().optional(),
      provider: z.string().optional(),
      category: z.string().optional(),
      status: z.string().optional(),
      state: z.string().optional(),
      sort: z.string().optional(),
    }),
    run: async ({ limit, all, cursor, ...query }, context) => {
      await printList(context, {
        path: '/api/integrations',
        query: { ...query, include: 'delivery' },
        columns: ['integration_id', 'name', 'provider', 'status', 'delivery', 'waiting', 'created_at'],
        cut: { limit, all, cursor },
        rowOf: ({ delivery, ...item }) => ({ ...item, ...standing.parse(delivery) }),
      });
    },
  }),
  command({
    name: 'integrations get',
    summary: 'Show one integration',
    arguments: [['<id>', 'the integration']],
    speaksTo: 'organization',
    input: z.object({ id: z.string() }),
    run: async ({ id }, { connect, terminal }) => {
      const client = await connect();
      terminal.printProperties(await client.one('GET', at(id)));
    },
  }),
  command({
    name: 'integrations create',
    summary: 'Connect an application',
    details: 'Credentials are not options: others on the machine could read them in the list of processes.',
    options: [
      ['--name <name>', 'what it is called'],
      ['--provider <name>', 'segment or twilio'],
      credentialsFile,
      emailEvents,
    ],
    speaksTo: 'organization',
    input: z.object({
      name: z.string().optional(),
      provider: z.string().optional(),
      credentialsFile: z.string().optional(),
      emailEvents: events,
    }),
    run: async (given, { connect, terminal }) => {
      const { credentialsFile: file, emailEvents: wanted } = given;
      const name = given.name ?? (await terminal.askFor('--name', 'What it is to be called'));
      const provider =
        given.provider ?? (await terminal.askFor('--provider', 'Provider (segment or twilio)'));
      const client = await connect();
      const credentials =
        file === undefined
          ? await askCredentials(terminal, client, provider)
          : await readCredentialsFile(file);
      const json = {
        name,
        credentials: { ...credentials, provider },
        ...(wanted && { filters: { email_events: wanted } }),
      };
      const created = await client.one('POST', '/api/integrations', { json });
      terminal.note(`Created ${String(created['integration_id'])}.`);
      terminal.printProperties(created);
    },
  }),
  command({
    name: 'integrations update',
    summary: 'Change the name, the email events or the credentials of an integration',
    arguments: [['<id>', 'the integration']],
    options: [
      ['--name <name>', 'its new name'],
      emailEvents,
      ['--credentials-file <file>', 'new credentials as a JSON object; - reads standard input'],
      ['--ask-credentials', 'ask for new credentials'],
    ],
    speaksTo: 'organization',
    input: z.object({
      id: z.string(),
      name: z.string().optional(),
      emailEvents: events,
      credentialsFile: z.string().optional(),
      askCredentials: z.boolean().default(false),
    }),
    run: async ({ id, name, emailEvents: wanted, credentialsFile: file, askCredentials: ask }, context) => {
      const { connect, terminal } = context;
      if (name === undefined && wanted === undefined && file === undefined && !ask) {
        throw new CommandError(
          exitCodes.badUsage,
          'Nothing to change: give --name, --email-events or credentials.',
        );
      }
      const client = await connect();
      const provider = file !== undefined || ask ? String((await client.one('GET', at(id)))['provider']) : '';
      const given =
        file === undefined
          ? ask && (await askCredentials(terminal, client, provider))
          : await readCredentialsFile(file);
      const json = {
        ...(name !== undefined && { name }),
        ...(wanted && { filters: { email_events: wanted } }),
        ...(given !== false && { credentials: { ...given, provider } }),
      };
      terminal.printProperties(await client.one('PUT', at(id), { json }));
    },
  }),
  command({
    name: 'integrations usage',
    summary: 'Show what refers to an integration, and whether it could be deleted now',
    arguments: [['<id>', 'the integration']],
    options: [['--limit <n>', 'how many references at most, up to 100']],
    speaksTo: 'organization',
    input: z.object({ id: z.string(), limit: z.string().optional() }),
    run: async ({ id, limit }, { connect, terminal }) => {
      const client = await connect();
      const usage = await client.one('GET', `${at(id)}/usage`, { query: { limit } });
      const references = z.array(z.record(z.string(), z.unknown())).parse(usage['references']);
      terminal.print(usage, () => describe(usage, references));
    },
  }),
];

function describe(usage: Row, references: readonly Row[]): readonly string[] {
  const waiting = `Events waiting: ${String(usage['waiting_events'])}`;
  if (references.length === 0) return ['Nothing refers to it; it can be deleted.', waiting];
  const columns = ['type', 'phone_number_id', 'display', 'status'];
  return ['It cannot be deleted: these refer to it.', waiting, '', ...table(references, columns)];
}

function at(id: string): string {
  return `/api/integrations/${encodeURIComponent(id)}`;
}
