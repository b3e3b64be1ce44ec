/** `jackfield numbers`: phone numbers, which refer to integrations. */
import { z } from 'zod';
import { type Command, command } from '../command.ts';
import { readCredentialsFile } from '../credentials.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { listInput, listOptions, printList } from '../lists.ts';

const one = z.object({ id: z.string() });
const calls = { inbound: z.boolean().optional(), outbound: z.boolean().optional() };
const number = ['<id>', 'the phone number, as phon_…'] as const;

export const numberCommands: readonly Command[] = [
  command({
    name: 'numbers list',
    summary: 'List phone numbers, newest first',
    options: [
      ['--integration <id>', 'those that refer to this integration'],
      ['--status <status>', 'free or assigned'],
      ...listOptions,
    ],
    speaksTo: 'organization',
    input: listInput.extend({ integration: z.string().optional(), status: z.string().optional() }),
    run: async ({ integration, status, ...cut }, context) => {
      const columns = ['phone_number_id', 'phone_number', 'provider', 'status', 'integration_id'];
      const query = { integration_id: integration, status };
      await printList(context, { path: '/api/phone-numbers', query, columns, cut });
    },
  }),
  command({
    name: 'numbers get',
    summary: 'Show one phone number',
    arguments: [number],
    speaksTo: 'organization',
    input: one,
    run: async ({ id }, { connect, terminal }) => {
      terminal.printProperties(await (await connect()).one('GET', at(id)));
    },
  }),
  command({
    name: 'numbers import',
    summary: 'Import a phone number of Twilio or of a SIP trunk',
    details: 'The settings of a SIP trunk come from a file with a JSON object, as the API takes them.',
    arguments: [['<number>', 'in the form +442079460123']],
    options: [
      ['--integration <id>', 'the Twilio integration that it is served through'],
      ['--sip-file <file>', 'the settings of its SIP trunk; - reads standard input'],
      ['--no-inbound', 'it takes no calls; it does where nothing is said'],
      ['--outbound', 'it also makes calls'],
    ],
    speaksTo: 'organization',
    input: z.object({
      number: z.string(),
      integration: z.string().optional(),
      sipFile: z.string().optional(),
      ...calls,
    }),
    run: async ({ number: text, integration, sipFile, inbound, outbound }, { connect, terminal }) => {
      if ((integration === undefined) === (sipFile === undefined)) {
        throw new CommandError(exitCodes.badUsage, 'Give either --integration or --sip-file.');
      }
      const connection =
        sipFile === undefined
          ? { provider: 'twilio', integration_id: integration }
          : { ...(await readCredentialsFile(sipFile)), provider: 'sip' };
      const json = {
        ...connection,
        phone_number: text,
        supports_inbound: inbound,
        supports_outbound: outbound,
      };
      terminal.printProperties(await (await connect()).one('POST', '/api/phone-numbers', { json }));
    },
  }),
  command({
    name: 'numbers reassign',
    summary: 'Give a phone number another integration',
    arguments: [number, ['<integration>', 'the Twilio integration that it is to be served through']],
    speaksTo: 'organization',
    input: one.extend({ integration: z.string() }),
    run: async ({ id, integration }, { connect, terminal }) => {
      const json = { integration_id: integration };
      terminal.printProperties(await (await connect()).one('PUT', at(id), { json }));
    },
  }),
  command({
    name: 'numbers update',
    summary: 'Assign a phone number to an agent, free it, or say which calls it is for',
    arguments: [number],
    options: [
      ['--agent <id>', 'the agent that it is assigned to'],
      ['--free', 'it is assigned to nobody'],
      ['--inbound', 'it takes calls'],
      ['--no-inbound', 'it takes none'],
      ['--outbound', 'it makes calls'],
      ['--no-outbound', 'it makes none'],
    ],
    speaksTo: 'organization',
    input: one.extend({ agent: z.string().optional(), free: z.boolean().default(false), ...calls }),
    run: async ({ id, agent, free, inbound, outbound }, { connect, terminal }) => {
      if (free && agent !== undefined)
        throw new CommandError(exitCodes.badUsage, 'Give --agent or --free, not both.');
      const json = {
        supports_inbound: inbound,
        supports_outbound: outbound,
        assigned_agent_id: free ? null : agent,
      };
      if (Object.values(json).every((value) => value === undefined)) {
        throw new CommandError(exitCodes.badUsage, 'Say what is to change.');
      }
      terminal.printProperties(await (await connect()).one('PUT', at(id), { json }));
    },
  }),
  command({
    name: 'numbers remove',
    summary: 'Remove a phone number',
    arguments: [number],
    options: [['--yes', 'do not ask']],
    speaksTo: 'organization',
    input: one.extend({ yes: z.boolean().default(false) }),
    run: async ({ id, yes }, { connect, terminal }) => {
      const client = await connect();
      const found = await client.one('GET', at(id));
      if (!yes) await terminal.confirm(`Remove ${String(found['phone_number'])}?`);
      terminal.printProperties(await client.one('DELETE', at(id)));
    },
  }),
];

function at(id: string): string {
  return `/api/phone-numbers/${encodeURIComponent(id)}`;
}
