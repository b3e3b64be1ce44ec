/** `jackfield integrations delete`: shows what a deletion would take away, asks, and deletes all or nothing. */
import { z } from 'zod';
import { type ServerClient, ServerRefusal } from '../client.ts';
import { type Command, type Context, command } from '../command.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { count, type Row, table } from '../text.ts';

/** Of more than these a yes is too quickly said; the dashboard asks from there on too. */
const mostByYes = 10;
/** Reading what waits is one request each. */
const mostLookedInto = 50;

const answer = z.looseObject({
  data: z.array(z.record(z.string(), z.unknown())),
  moved_phone_numbers: z.number().optional(),
});
type Outcome = z.output<typeof answer>;

export const deleteIntegrations: Command = command({
  name: 'integrations delete',
  summary: 'Delete integrations, all of those named or none',
  details:
    'Shows first what would happen, and asks. If a phone number refers to one of them nothing is deleted, and the exit code is 6; ' +
    '--replace-with gives such numbers another integration in the same step.',
  arguments: [['<ids...>', 'the integrations, 1,000 at most']],
  options: [
    ['--replace-with <id>', 'give the phone numbers that refer to them this integration'],
    ['--dry-run', 'only show what would happen'],
    ['--yes', 'do not ask'],
  ],
  speaksTo: 'organization',
  input: z.object({
    ids: z.array(z.string()),
    replaceWith: z.string().optional(),
    dryRun: z.boolean().default(false),
    yes: z.boolean().default(false),
  }),
  run: async ({ ids, replaceWith, dryRun, yes }, context) => {
    const { terminal } = context;
    const client = await context.connect();
    const attempt = async (rehearse: boolean) =>
      await remove(client, terminal, { ids, replaceWith, rehearse, dryRun });
    const rehearsal = await attempt(true);
    if (dryRun) {
      print(terminal, rehearsal, { dryRun: true, details: await describe(client, rehearsal) });
      return;
    }
    if (!yes) await ask(context, rehearsal, await describe(client, rehearsal));
    print(terminal, await attempt(false), { dryRun: false, details: [] });
  },
});

interface Removal {
  readonly ids: readonly string[];
  readonly replaceWith: string | undefined;
  /** Whether this attempt is one; each deletion begins with it. */
  readonly rehearse: boolean;
  /** Whether no more than that was asked for. */
  readonly dryRun: boolean;
}

async function remove(client: ServerClient, terminal: Terminal, removal: Removal): Promise<Outcome> {
  const json = {
    integration_ids: removal.ids,
    dry_run: removal.rehearse,
    ...(removal.replaceWith !== undefined && { replace_with: removal.replaceWith }),
  };
  try {
    return answer.parse(await client.body('POST', '/api/integrations/bulk-delete', { json }));
  } catch (error) {
    if (!(error instanceof ServerRefusal) || error.offenders.length === 0) throw error;
    throw explain(error, terminal, removal.dryRun);
  }
}

/** Each integration that is in the way, and why. */
function explain(refusal: ServerRefusal, terminal: Terminal, dryRun: boolean): CommandError {
  const isBlocked = refusal.offenders.some((offender) => offender['reason'] === 'in_use');
  const nothing = { deleted: [], moved_phone_numbers: 0, waiting_events: null };
  const blocked = { dry_run: dryRun, ...nothing, blocked: refusal.offenders };
  terminal.print(blocked, () => [
    'Nothing was deleted. In the way:',
    ...refusal.offenders.map((each) => `  ${String(each['integration_id'])}  ${String(each['message'])}`),
  ]);
  const hint = isBlocked
    ? 'Blocked by phone numbers. Remove or reassign them, or give --replace-with.'
    : 'At least one of these integrations does not exist.';
  const code = isBlocked ? exitCodes.blocked : exitCodes.notFound;
  return new CommandError(code, hint, { facts: refusal.facts });
}

/** What people need to know before they agree: names, and events that would not get there any more. */
async function describe(client: ServerClient, { data }: Outcome): Promise<readonly Row[]> {
  const looked = data.slice(0, mostLookedInto).map(async ({ integration_id, name, provider }) => {
    const query = { limit: 1 };
    const usage = await client.one('GET', `/api/integrations/${String(integration_id)}/usage`, { query });
    return { integration_id, name, provider, waiting_events: usage['waiting_events'] };
  });
  return [...(await Promise.all(looked)), ...data.slice(mostLookedInto)];
}

function waitingOf(rows: readonly Row[]): number {
  return rows.reduce((sum, row) => sum + Number(row['waiting_events'] ?? 0), 0);
}

const columns = ['integration_id', 'name', 'provider', 'waiting_events'] as const;

async function ask(
  { terminal }: Context,
  { data, moved_phone_numbers }: Outcome,
  rows: readonly Row[],
): Promise<void> {
  if (!terminal.isInteractive) {
    throw new CommandError(
      exitCodes.notConfirmed,
      `This would delete ${count(data.length, 'integration')}. There is no terminal to ask on: give --yes.`,
    );
  }
  for (const line of table(rows, columns)) terminal.note(line);
  if (moved_phone_numbers !== undefined)
    terminal.note(`${count(moved_phone_numbers, 'phone number')} will be moved.`);
  const waiting = waitingOf(rows);
  if (waiting > 0) terminal.note(`${count(waiting, 'waiting event')} will not be delivered there.`);
  if (data.length <= mostByYes) {
    await terminal.confirm(`Delete ${count(data.length, 'integration')}?`);
    return;
  }
  const question = `This deletes ${data.length} integrations. Type ${data.length} to go on`;
  await terminal.confirmByTyping(question, String(data.length));
}

interface Printed {
  readonly dryRun: boolean;
  readonly details: readonly Row[];
}

function print(
  terminal: Terminal,
  { data, moved_phone_numbers: moved }: Outcome,
  { dryRun, details }: Printed,
): void {
  const result = {
    dry_run: dryRun,
    deleted: data,
    moved_phone_numbers: moved ?? 0,
    // of a deletion that has happened it is in the audit log
    waiting_events: dryRun && data.length <= mostLookedInto ? waitingOf(details) : null,
    blocked: [],
  };
  terminal.print(result, () => [
    dryRun
      ? `Would delete ${count(data.length, 'integration')}:`
      : `Deleted ${count(data.length, 'integration')}:`,
    ...table(dryRun ? details : data, dryRun ? columns : columns.slice(0, 3)).map((line) => `  ${line}`),
    ...(moved === undefined ? [] : [`${dryRun ? 'Would move' : 'Moved'} ${count(moved, 'phone number')}.`]),
  ]);
}
