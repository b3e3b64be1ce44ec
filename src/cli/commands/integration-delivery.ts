/** `jackfield integrations pause|resume|test|stats`: the delivery of one integration. */
import { z } from 'zod';
import { type Command, command } from '../command.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { wholeNumber } from '../lists.ts';
import { cell, type Row } from '../text.ts';

const one = z.object({ id: z.string() });
const integration = ['<id>', 'the integration'] as const;
const steps = z.looseObject({
  data: z.array(z.looseObject({ latency_ms: z.record(z.string(), z.unknown()) })),
});

export const integrationDeliveryCommands: readonly Command[] = [
  command({
    name: 'integrations pause',
    summary: 'Send an integration nothing until it is resumed; events wait meanwhile',
    arguments: [integration],
    speaksTo: 'organization',
    input: one,
    run: async ({ id }, { connect, terminal }) => {
      const client = await connect();
      await client.body('POST', at(id, 'pause'));
      terminal.printProperties(await client.one('GET', at(id, 'delivery')));
    },
  }),
  command({
    name: 'integrations resume',
    summary: 'Go on with what waits for an integration',
    arguments: [integration],
    speaksTo: 'organization',
    input: one,
    run: async ({ id }, { connect, terminal }) => {
      const client = await connect();
      await client.body('POST', at(id, 'resume'));
      terminal.printProperties(await client.one('GET', at(id, 'delivery')));
    },
  }),
  command({
    name: 'integrations test',
    summary: 'Send a test event to an integration now, and show what its destination said',
    details: 'The exit code is 1 where the destination did not take it.',
    arguments: [integration],
    speaksTo: 'organization',
    input: one,
    run: async ({ id }, { connect, terminal }) => {
      const result = await (await connect()).one('POST', at(id, 'test'));
      terminal.printProperties(result);
      if (result['outcome'] === 'delivered') return;
      const reason = cell(result['reason'] ?? result['status']);
      throw new CommandError(exitCodes.failed, `The destination did not take it: ${reason}`);
    },
  }),
  command({
    name: 'integrations stats',
    summary: 'Count what an integration got, step by step',
    arguments: [integration],
    options: [
      [
        '--from <time>',
        'where the first step begins, as 2031-01-31T10:00:00Z; an hour ago where nothing is said',
      ],
      ['--to <time>', 'where the last one ends; now where nothing is said'],
      ['--step <seconds>', 'how long a step is; 60 where nothing is said'],
    ],
    speaksTo: 'organization',
    input: one.extend({
      from: z.string().optional(),
      to: z.string().optional(),
      step: wholeNumber(1, 9_999_999).default(60),
    }),
    run: async ({ id, from = anHourBefore(new Date()), to, step }, { connect, terminal }) => {
      const client = await connect();
      const { data } = steps.parse(await client.body('GET', at(id, 'stats'), { query: { from, to, step } }));
      const columns = ['at', 'received', 'forwarded', 'rejected', 'retried', 'p50_ms', 'p95_ms', 'p99_ms'];
      terminal.printTable({ items: data }, data.map(flat), columns);
    },
  }),
];

function anHourBefore(now: Date): string {
  return new Date(now.getTime() - 60 * 60 * 1_000).toISOString();
}

function flat({ latency_ms: latency, ...step }: z.output<typeof steps>['data'][number]): Row {
  return { ...step, p50_ms: latency['p50'], p95_ms: latency['p95'], p99_ms: latency['p99'] };
}

function at(id: string, part: string): string {
  return `/api/integrations/${encodeURIComponent(id)}/${part}`;
}
