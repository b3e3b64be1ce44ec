/** Following what is delivered: `jackfield replay`, `events follow`, `tail`. */
import { z } from 'zod';
import { ServerRefusal } from '../client.ts';
import { type Command, command } from '../command.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { wholeNumber } from '../lists.ts';
import { follow } from '../tail.ts';
import { cell, count, harmless, properties, type Row, table } from '../text.ts';

const rows = z.array(z.record(z.string(), z.unknown()));

export const deliveryCommands: readonly Command[] = [
  command({
    name: 'replay',
    summary: 'Send past events to an integration again, or those that a deleted one had not got',
    arguments: [['<integration>', 'the integration that gets them']],
    options: [
      ['--from <time>', 'events accepted from then on, as 2031-01-31T10:00:00Z'],
      ['--to <time>', 'and until then'],
      ['--email-events <events>', 'only these, separated by commas'],
      ['--from-integration <id>', 'what this deleted integration had not got'],
    ],
    speaksTo: 'organization',
    input: z.object({
      integration: z.string(),
      from: z.string().optional(),
      to: z.string().optional(),
      emailEvents: z.string().optional(),
      fromIntegration: z.string().optional(),
    }),
    run: async ({ integration, from, to, emailEvents, fromIntegration }, { connect, terminal }) => {
      if ((from === undefined) === (fromIntegration === undefined)) {
        throw new CommandError(exitCodes.badUsage, 'Give either --from or --from-integration.');
      }
      const json =
        fromIntegration === undefined
          ? {
              from,
              ...(to !== undefined && { to }),
              ...(emailEvents !== undefined && { email_events: emailEvents.split(',') }),
            }
          : { from_integration: fromIntegration };
      const path = `/api/integrations/${encodeURIComponent(integration)}/replay`;
      const answer = await (await connect()).one('POST', path, { json });
      terminal.print(answer, () => [`Sending ${count(Number(answer['events']), 'event')}.`]);
    },
  }),
  command({
    name: 'events follow',
    summary: 'Show when an event came, and where it went',
    details: 'Write -- before an id that begins with -, and options before that.',
    arguments: [['<sg_event_id>', "the event's sg_event_id"]],
    speaksTo: 'organization',
    input: z.object({ sg_event_id: z.string() }),
    run: async ({ sg_event_id: id }, { connect, terminal }) => {
      const client = await connect();
      const trail = await client
        .one('GET', `/api/events/${encodeURIComponent(id)}`)
        .catch((error: unknown) => {
          if (!(error instanceof ServerRefusal) || error.status !== 404) throw error;
          throw new CommandError(exitCodes.notFound, `The log has no event ${id}.`, { cause: error });
        });
      const { integrations, ...event } = trail;
      const fates = rows.parse(integrations);
      terminal.print(trail, () => [
        ...properties(event),
        ...(fates.length === 0 ? ['No integration.'] : ['', ...table(fates, fateColumns)]),
      ]);
    },
  }),
  command({
    name: 'tail',
    summary: 'Show deliveries as they happen, until Ctrl-C',
    details: 'With --json each is one line of JSON.',
    arguments: [['[integrations...]', 'the integrations; all that take events where none is named']],
    options: [
      ['--lines <n>', 'begin with so many past ones of each; 0 where nothing is said'],
      ['--interval <seconds>', 'how often to look; 1 where nothing is said'],
    ],
    speaksTo: 'organization',
    input: z.object({
      integrations: z
        .array(z.string())
        .nullish()
        .transform((ids) => ids ?? []),
      lines: wholeNumber(0, 100).default(0),
      interval: wholeNumber(1, 3_600).default(1),
    }),
    run: async ({ integrations, lines, interval }, { connect, terminal, signal }) => {
      const client = await connect();
      const print = (id: string, attempt: Row) =>
        terminal.printLine({ integration_id: id, ...attempt }, () => {
          const style = attempt['outcome'] === 'delivered' ? 'green' : 'red';
          const outcome = terminal.styled(style, String(attempt['outcome']).padEnd(9));
          const events = count(Number(attempt['events']), 'event');
          const answer =
            attempt['status'] === null ? unanswered(attempt) : `status ${cell(attempt['status'])}`;
          return `${cell(attempt['at'])}  ${id}  ${outcome}  ${events}  ${answer}  ${String(attempt['latency_ms'])} ms`;
        });
      await follow({
        client,
        ids: integrations,
        past: lines,
        everyMs: interval * 1_000,
        signal,
        print,
        terminal,
      });
    },
  }),
];

const fateColumns = ['integration_id', 'fate', 'reason'] as const;

/** An older server does not say why. */
function unanswered({ error }: Row): string {
  return typeof error === 'string' ? `no answer (${harmless(error)})` : 'no answer';
}
