/** `jackfield keys`: API keys with roles. */
import { z } from 'zod';
import { type Command, command } from '../command.ts';

const row = z.record(z.string(), z.unknown());

export const keyCommands: readonly Command[] = [
  command({
    name: 'keys list',
    summary: 'List API keys, revoked ones included',
    speaksTo: 'organization',
    input: z.object({}),
    run: async (_, { connect, terminal }) => {
      const client = await connect();
      const { data } = z.looseObject({ data: z.array(row) }).parse(await client.body('GET', '/api/api-keys'));
      const columns = ['key_id', 'name', 'role', 'prefix', 'status', 'last_used_at', 'expires_at'];
      terminal.printTable({ items: data }, data, columns);
    },
  }),
  command({
    name: 'keys create',
    summary: 'Create an API key and show it this one time',
    options: [
      ['--name <name>', 'what it is called'],
      ['--role <role>', 'admin, agent_manager or user'],
      ['--expires-at <time>', 'when it ends, as 2031-01-31T00:00:00Z'],
    ],
    speaksTo: 'organization',
    input: z.object({ name: z.string(), role: z.string(), expiresAt: z.string().optional() }),
    run: async ({ name, role, expiresAt }, { connect, terminal }) => {
      const client = await connect();
      const json = { name, role, ...(expiresAt !== undefined && { expires_at: expiresAt }) };
      const created = await client.body('POST', '/api/api-keys', { json });
      const { raw_key, key } = z.looseObject({ raw_key: z.string(), key: row }).parse(created);
      terminal.note('The key is shown only this once:');
      terminal.print({ raw_key, key }, () => [raw_key]);
    },
  }),
  command({
    name: 'keys revoke',
    summary: 'Revoke an API key: it is refused from now on, by every process',
    arguments: [['<id>', 'the key, as apikey_…']],
    options: [['--yes', 'do not ask']],
    speaksTo: 'organization',
    input: z.object({ id: z.string(), yes: z.boolean().default(false) }),
    run: async ({ id, yes }, { connect, terminal }) => {
      const client = await connect();
      if (!yes) await terminal.confirm(`Revoke ${id}?`);
      await client.body('DELETE', `/api/api-keys/${encodeURIComponent(id)}`);
      terminal.print({ key_id: id, status: 'revoked' }, () => [`Revoked ${id}.`]);
    },
  }),
];
