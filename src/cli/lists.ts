/** What all commands that list have in common: options, paging, and how the result is shown. */
import { z } from 'zod';
import type { RequestOptions, ServerClient } from './client.ts';
import type { Context, Words } from './command.ts';
import { CommandError, exitCodes } from './exit-codes.ts';
import type { Row } from './text.ts';

/** The most that the server gives in one answer. */
const mostInPage = 100;
/** Where nobody says how many. */
const usual = 50;

export const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be from ${least} to ${most}`);

export const listOptions: Words = [
  ['--limit <n>', 'how many at most; 50 where nothing is said'],
  ['--all', 'every one there is'],
  ['--cursor <cursor>', 'go on where an earlier list ended'],
];

export const listInput = z.object({
  limit: wholeNumber(1, 1_000_000).optional(),
  all: z.boolean().default(false),
  cursor: z.string().optional(),
});

export interface List {
  readonly path: string;
  readonly query?: RequestOptions['query'];
  readonly columns: readonly string[];
  /** What people are shown of an item, where its own fields are not it. */
  readonly rowOf?: (item: Row) => Row;
  readonly cut: z.output<typeof listInput>;
}

/** Reads page after page until there are as many as asked for, and prints them. */
export async function printList({ terminal, connect }: Context, list: List): Promise<void> {
  const { items, next, total } = await collect(await connect(), list);
  const result = { items, next_cursor: next ?? null, ...(total !== undefined && { total_count: total }) };
  terminal.printTable(result, list.rowOf ? items.map(list.rowOf) : items, list.columns);
  if (terminal.json) return;
  if (items.length === 0) terminal.note('None.');
  if (next !== undefined) terminal.note(`There are more: --cursor ${next}, or --all.`);
}

export async function collect(client: ServerClient, { path, query, cut }: Omit<List, 'columns'>) {
  const items: Row[] = [];
  if (cut.all && cut.limit !== undefined)
    throw new CommandError(exitCodes.badUsage, 'Give --all or --limit, not both.');
  const wanted = cut.all ? Number.POSITIVE_INFINITY : (cut.limit ?? usual);
  let cursor = cut.cursor;
  let total: number | undefined;
  do {
    const limit = Math.min(mostInPage, wanted - items.length);
    const page = await client.page(path, { ...query, limit, cursor });
    items.push(...page.data);
    total = page.pagination.total_count;
    cursor = page.pagination.next_cursor ?? undefined;
  } while (cursor !== undefined && items.length < wanted);
  return { items, next: cursor, total };
}
