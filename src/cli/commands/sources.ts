/** `jackfield sources`: where SendGrid's Event Webhook is pointed at. */
import { z } from 'zod';
import { type Command, command } from '../command.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { readTextFile } from '../files.ts';
import { listInput, listOptions, printList } from '../lists.ts';

const one = z.object({ id: z.string() });
const source = ['<id>', 'the source, as src_…'] as const;
const publicKeyFile = [
  '--public-key-file <file>',
  'a file with the verification key that SendGrid shows: then only signed events are taken',
] as const;

export const sourceCommands: readonly Command[] = [
  command({
    name: 'sources list',
    summary: 'List event sources, newest first',
    options: listOptions,
    speaksTo: 'organization',
    input: listInput,
    run: async (cut, context) => {
      const columns = ['source_id', 'name', 'kind', 'url'];
      await printList(context, { path: '/api/event-sources', columns, cut });
    },
  }),
  command({
    name: 'sources rejected',
    summary: 'List what came in and was no event, newest first, with the reason',
    options: listOptions,
    speaksTo: 'organization',
    input: listInput,
    run: async (cut, context) => {
      const columns = ['at', 'source_id', 'reason', 'count', 'element'];
      await printList(context, { path: '/api/rejected-elements', columns, cut });
    },
  }),
  command({
    name: 'sources get',
    summary: 'Show one event source, with the URL to enter at SendGrid',
    arguments: [source],
    speaksTo: 'organization',
    input: one,
    run: async ({ id }, { connect, terminal }) => {
      terminal.printProperties(await (await connect()).one('GET', at(id)));
    },
  }),
  command({
    name: 'sources create',
    summary: 'Create an event source',
    options: [['--name <name>', 'what it is called'], publicKeyFile],
    speaksTo: 'organization',
    input: z.object({ name: z.string(), publicKeyFile: z.string().optional() }),
    run: async ({ name, publicKeyFile: file }, { connect, terminal }) => {
      const json = { name, kind: 'sendgrid', ...(file !== undefined && { public_key: await textOf(file) }) };
      terminal.printProperties(await (await connect()).one('POST', '/api/event-sources', { json }));
    },
  }),
  command({
    name: 'sources update',
    summary: 'Change the name or the verification key of an event source',
    arguments: [source],
    options: [
      ['--name <name>', 'its new name'],
      publicKeyFile,
      ['--without-public-key', 'take unsigned events too'],
    ],
    speaksTo: 'organization',
    input: one.extend({
      name: z.string().optional(),
      publicKeyFile: z.string().optional(),
      withoutPublicKey: z.boolean().default(false),
    }),
    run: async ({ id, name, publicKeyFile: file, withoutPublicKey }, { connect, terminal }) => {
      if (file !== undefined && withoutPublicKey) {
        throw new CommandError(
          exitCodes.badUsage,
          'Give --public-key-file or --without-public-key, not both.',
        );
      }
      const json = {
        ...(name !== undefined && { name }),
        ...(file !== undefined && { public_key: await textOf(file) }),
        ...(withoutPublicKey && { public_key: null }),
      };
      if (Object.keys(json).length === 0) throw new CommandError(exitCodes.badUsage, 'Nothing to change.');
      terminal.printProperties(await (await connect()).one('PUT', at(id), { json }));
    },
  }),
  command({
    name: 'sources delete',
    summary: 'Delete an event source: within a second what is posted to its URL is refused',
    arguments: [source],
    options: [['--yes', 'do not ask']],
    speaksTo: 'organization',
    input: one.extend({ yes: z.boolean().default(false) }),
    run: async ({ id, yes }, { connect, terminal }) => {
      const client = await connect();
      const found = await client.one('GET', at(id));
      if (!yes) await terminal.confirm(`Delete the event source ${String(found['name'])}?`);
      terminal.printProperties(await client.one('DELETE', at(id)));
    },
  }),
];

async function textOf(file: string): Promise<string> {
  return (await readTextFile(file)).trim();
}

function at(id: string): string {
  return `/api/event-sources/${encodeURIComponent(id)}`;
}
