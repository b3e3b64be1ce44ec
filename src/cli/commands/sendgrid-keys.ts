/** `jackfield sendgrid-keys`: keys with scopes, for the SendGrid surface. */
import { z } from 'zod';
import { type Command, command } from '../command.ts';

const key = z.looseObject({ full_access: z.boolean(), scopes: z.array(z.string()) });

export const sendGridKeyCommands: readonly Command[] = [
  command({
    name: 'sendgrid-keys list',
    summary: 'List the keys for the SendGrid surface, newest first',
    speaksTo: 'organization',
    input: z.object({}),
    run: async (_, { connect, terminal }) => {
      const client = await connect();
      const body = await client.body('GET', '/api/sendgrid-keys');
      const { data } = z.looseObject({ data: z.array(key) }).parse(body);
      const rows = data.map((each) => ({ ...each, scopes: each.full_access ? 'full access' : each.scopes }));
      const columns = ['api_key_id', 'name', 'scopes', 'last_used_at', 'created_at'];
      terminal.printTable({ items: data }, rows, columns);
    },
  }),
  command({
    name: 'sendgrid-keys create',
    summary: 'Create a key for the SendGrid surface and show it this one time',
    options: [
      ['--name <name>', 'what it is called'],
      [
        '--scopes <scopes>',
        'what it may do, separated by commas: marketing.read,marketing_campaigns.update; where nothing is said, all that your own key may give away',
      ],
    ],
    speaksTo: 'organization',
    input: z.object({ name: z.string(), scopes: z.string().optional() }),
    run: async ({ name, scopes }, { connect, terminal }) => {
      const client = await connect();
      const json = { name, scopes: scopes?.split(',').map((scope) => scope.trim()) };
      const created = await client.body('POST', '/api/sendgrid-keys', { json });
      const { raw_key, ...rest } = z.looseObject({ raw_key: z.string(), key }).parse(created);
      terminal.note('The key is shown only this once:');
      terminal.print({ raw_key, ...rest }, () => [raw_key]);
    },
  }),
  command({
    name: 'sendgrid-keys revoke',
    summary: 'Revoke a key for the SendGrid surface: it is refused from now on, by every process',
    details: 'Write -- before an id that begins with -, and options before that.',
    arguments: [['<id>', 'the key: the part between the dots of SG.….…']],
    options: [['--yes', 'do not ask']],
    speaksTo: 'organization',
    input: z.object({ id: z.string(), yes: z.boolean().default(false) }),
    run: async ({ id, yes }, { connect, terminal }) => {
      const client = await connect();
      if (!yes) await terminal.confirm(`Revoke ${id}?`);
      await client.body('DELETE', `/api/sendgrid-keys/${encodeURIComponent(id)}`);
      terminal.print({ api_key_id: id, status: 'revoked' }, () => [`Revoked ${id}.`]);
    },
  }),
];
