/** `jackfield export`: the audit log as the server sends it, however long it is. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { z } from 'zod';
import { type Command, command } from '../command.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';

export const auditLogCommands: readonly Command[] = [
  command({
    name: 'export',
    summary: 'Export the audit log, newest first: one entry a line, as JSON or CSV',
    details:
      'In CSV a cell that begins with = + - @ has an apostrophe before it, so that no spreadsheet takes it for a formula.',
    options: [
      ['--action <action>', 'entries of one kind, as integration.deleted'],
      ['--target-id <id>', 'entries about one target'],
      ['--target-type <type>', 'integration, phone_number, api_key, event_source, session or organization'],
      ['--actor <id>', 'what one key or user did'],
      ['--from <time>', 'what was done at this time or later, as 2026-07-01T00:00:00Z'],
      ['--to <time>', 'what was done before this time'],
      ['--format <format>', 'jsonl or csv; jsonl where nothing is said'],
    ],
    speaksTo: 'organization',
    input: z.object({
      action: z.string().optional(),
      targetId: z.string().optional(),
      targetType: z.string().optional(),
      actor: z.string().optional(),
      from: z.string().optional(),
      to: z.string().optional(),
      format: z.enum(['jsonl', 'csv'], 'must be jsonl or csv').default('jsonl'),
    }),
    run: async ({ targetId, targetType, ...given }, { connect, signal, terminal }) => {
      if (given.format === 'csv' && terminal.json)
        throw new CommandError(exitCodes.badUsage, 'Choose one: --json, or --format csv.');
      const query = { ...given, target_id: targetId, target_type: targetType };
      const { body } = await (await connect()).send('GET', '/api/audit-log/export', { query });
      if (body === null) return;
      // the cast: both declarations describe the same class of the platform
      const lines = Readable.fromWeb(body as ReadableStream<Uint8Array>);
      await pipeline(lines, process.stdout, { end: false, signal });
    },
  }),
];
