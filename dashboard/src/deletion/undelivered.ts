/** What deleted integrations were not sent any more, as the audit log has it. */
import { answered, api, type Schemas } from '../api/client.ts';
import { ApiError } from '../api/failure.ts';
import type { AuditQuery } from '../api/queries.ts';
import { counted } from '../words.ts';
import type { Done } from './attempt.ts';

export interface Undelivered {
  readonly id: string;
  readonly name: string;
  readonly events: number;
  /** Not the final figure, only what waited before the delete. */
  readonly isEstimate: boolean;
}

/** Other deletes may stand between those that are looked for. */
const morePages = 5;
const pageSize = 100;

/** Those that events went to, each with its figure; the rest takes none. */
export async function findUndelivered({ doomed, answer }: Done): Promise<readonly Undelivered[]> {
  const deleted = new Set(answer.data.map((each) => each.integration_id));
  const forwarding = doomed.filter(({ id, waiting }) => waiting !== undefined && deleted.has(id));
  const written = await figuresOf(new Set(forwarding.map(({ id }) => id)));
  return forwarding.map(({ id, name, waiting = 0 }) => {
    const events = written.get(id);
    return { id, name, events: events ?? waiting, isEstimate: events === undefined };
  });
}

/** From the newest entries on. Who may not read the log is told nothing. */
async function figuresOf(ids: ReadonlySet<string>): Promise<ReadonlyMap<string, number>> {
  const figures = new Map<string, number>();
  const pages = Math.ceil(ids.size / pageSize) + morePages;
  let cursor: string | null = null;
  for (let page = 0; page < pages && figures.size < ids.size; page++) {
    const query: AuditQuery = { action: 'integration.deleted', limit: pageSize, ...(cursor && { cursor }) };
    const found: Schemas['AuditPage'] | undefined = await readable(
      answered(api.GET('/api/audit-log', { params: { query } })),
    );
    for (const { target, details } of found?.data ?? []) {
      const events = undeliveredOf(details);
      if (ids.has(target.id) && events !== undefined) figures.set(target.id, events);
    }
    cursor = found?.pagination.next_cursor ?? null;
    if (cursor === null) break;
  }
  return figures;
}

export function undeliveredOf(details: Readonly<Record<string, unknown>>): number | undefined {
  const events = details['undelivered_events'];
  return typeof events === 'number' ? events : undefined;
}

async function readable<T>(pending: Promise<T>): Promise<T | undefined> {
  try {
    return await pending;
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return undefined;
    throw error;
  }
}

/** To be pasted into a ticket: one line for each. */
export function report({ answer, doomed, replaceWith }: Done, undelivered?: readonly Undelivered[]): string {
  const figures = new Map(undelivered?.map((each) => [each.id, each]));
  const takesEvents = new Set(doomed.filter(({ waiting }) => waiting !== undefined).map(({ id }) => id));
  return [
    `Deleted ${counted(answer.data.length, 'integration')} on ${new Date().toISOString()}`,
    ...answer.data.map(({ integration_id: id, name }) => {
      const figure = takesEvents.has(id) ? wordsOf(figures.get(id)) : 'takes no events';
      return `${id}\t${name}\t${figure}`;
    }),
    ...(replaceWith ? [`Phone numbers moved to ${replaceWith}: ${answer.moved_phone_numbers ?? 0}`] : []),
  ].join('\n');
}

function wordsOf(figure: Undelivered | undefined): string {
  if (figure === undefined) return 'undelivered events not known';
  const { events, isEstimate } = figure;
  return isEstimate
    ? `${counted(events, 'event')} waiting before the delete`
    : counted(events, 'undelivered event');
}
