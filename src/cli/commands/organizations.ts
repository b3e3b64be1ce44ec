/** `jackfield organizations`: tenants, with the operator key. */
import { z } from 'zod';
import { type Command, command } from '../command.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { listInput, listOptions, printList, wholeNumber } from '../lists.ts';
import { properties, type Row } from '../text.ts';

const one = z.object({ id: z.string() });
const organization = ['<id>', 'the organization, as org_…'] as const;
const limits = {
  tier: z.string().optional(),
  segmentIntegrationLimit: wholeNumber(0, 1_000_000).optional(),
  region: z.string().optional(),
};
const limitOptions = [
  ['--tier <tier>', 'starter, pro or enterprise: decides the rate limit'],
  ['--segment-integration-limit <n>', 'how many Segment integrations it may have'],
  ['--region <region>', 'global or eu: which servers serve it'],
] as const;

export const organizationCommands: readonly Command[] = [
  command({
    name: 'organizations list',
    summary: 'List organizations, newest first',
    options: listOptions,
    speaksTo: 'operator',
    input: listInput,
    run: async (cut, context) => {
      const columns = [
        'organization_id',
        'tier',
        'region',
        'integrations',
        'api_keys',
        'parent_organization_id',
      ];
      await printList(context, { path: '/operator/organizations', columns, cut });
    },
  }),
  command({
    name: 'organizations get',
    summary: 'Show one organization',
    arguments: [organization],
    speaksTo: 'operator',
    input: one,
    run: async ({ id }, { connect, terminal }) => {
      terminal.printProperties(await (await connect()).one('GET', at(id)));
    },
  }),
  command({
    name: 'organizations create',
    summary: 'Create an organization and show its first keys this one time',
    options: limitOptions,
    speaksTo: 'operator',
    input: z.object(limits),
    run: async (input, { connect, terminal }) => {
      const created = await (await connect()).one('POST', '/operator/organizations', { json: toJson(input) });
      terminal.note('The keys are shown only this once.');
      const { organization: made, ...rest } = created;
      const row = z.record(z.string(), z.unknown()).parse(made);
      terminal.print(created, () => properties({ organization_id: row['organization_id'], ...rest }));
    },
  }),
  command({
    name: 'organizations update',
    summary: 'Change the tier, the limits or the region of an organization',
    arguments: [organization],
    options: limitOptions,
    speaksTo: 'operator',
    input: one.extend(limits),
    run: async ({ id, ...input }, { connect, terminal }) => {
      const json = toJson(input);
      if (Object.keys(json).length === 0) throw new CommandError(exitCodes.badUsage, 'Nothing to change.');
      terminal.printProperties(await (await connect()).one('PUT', at(id), { json }));
    },
  }),
  command({
    name: 'organizations new-key',
    summary: 'Make a new first key for an organization that has lost its own, and show it this one time',
    arguments: [organization],
    options: [['--style <style>', 'role for /api, sendgrid for /v3; role where nothing is said']],
    speaksTo: 'operator',
    input: one.extend({ style: z.string().optional() }),
    run: async ({ id, style }, { connect, terminal }) => {
      const json = style === undefined ? {} : { style };
      const created = await (await connect()).one('POST', `${at(id)}/keys`, { json });
      terminal.note('The key is shown only this once:');
      terminal.print(created, () => [String(created['raw_key'])]);
    },
  }),
];

function toJson(input: z.output<z.ZodObject<typeof limits>>): Row {
  return {
    ...(input.tier !== undefined && { tier: input.tier }),
    ...(input.region !== undefined && { region: input.region }),
    ...(input.segmentIntegrationLimit !== undefined && {
      segment_integration_limit: input.segmentIntegrationLimit,
    }),
  };
}

function at(id: string): string {
  return `/operator/organizations/${encodeURIComponent(id)}`;
}
