/** `jackfield dead-letters`: events that a destination refused for good. */
import { z } from 'zod';
import { type Command, command } from '../command.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { listInput, listOptions, printList, wholeNumber } from '../lists.ts';
import type { Row } from '../text.ts';

const integration = ['<integration>', 'the integration'] as const;
const letters = ['[ids...]', 'numbers of dead letters; all of them where none is named'] as const;
const chosen = z.object({
  integration: z.string(),
  ids: z
    .array(wholeNumber(1, 999_999_999))
    .nullish()
    .transform((ids) => ids ?? []),
});

export const deadLetterCommands: readonly Command[] = [
  command({
    name: 'dead-letters list',
    summary: 'List the dead letters of an integration, newest first',
    arguments: [integration],
    options: listOptions,
    speaksTo: 'organization',
    input: listInput.extend({ integration: z.string() }),
    run: async ({ integration: id, ...cut }, context) => {
      const columns = ['dead_letter_id', 'at', 'event', 'sg_event_id', 'reason'];
      await printList(context, { path: at(id), columns, cut });
    },
  }),
  command({
    name: 'dead-letters retry',
    summary: 'Send dead letters again',
    arguments: [integration, letters],
    speaksTo: 'organization',
    input: chosen,
    run: async ({ integration: id, ids }, { connect, terminal }) => {
      const json = ids.length > 0 ? { json: { dead_letter_ids: ids } } : {};
      const answer = await (await connect()).one('POST', `${at(id)}/retry`, json);
      terminal.print(answer, () => [`Sending ${String(answer['count'])} again.`]);
      requireSome(answer, ids);
    },
  }),
  command({
    name: 'dead-letters discard',
    summary: 'Forget dead letters',
    arguments: [integration, letters],
    options: [['--yes', 'do not ask']],
    speaksTo: 'organization',
    input: chosen.extend({ yes: z.boolean().default(false) }),
    run: async ({ integration: id, ids, yes }, { connect, terminal }) => {
      const client = await connect();
      if (!yes) {
        await terminal.confirm(`Discard ${ids.length > 0 ? ids.length : 'all'} dead letters of ${id}?`);
      }
      const query = ids.length > 0 ? { ids: ids.join() } : {};
      const answer = await client.one('DELETE', at(id), { query });
      terminal.print(answer, () => [`Discarded ${String(answer['count'])}.`]);
      requireSome(answer, ids);
    },
  }),
];

/** @throws CommandError notFound where some were named and none is there */
function requireSome(answer: Row, ids: readonly number[]): void {
  if (ids.length === 0 || answer['count'] !== 0) return;
  throw new CommandError(exitCodes.notFound, 'None of those named is a dead letter here.');
}

function at(id: string): string {
  return `/api/integrations/${encodeURIComponent(id)}/dead-letters`;
}
