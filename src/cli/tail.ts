/** Attempts at delivery, as they are made: polled, each shown once, in order. */
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { ServerClient } from './client.ts';
import { CommandError, exitCodes } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';
import type { Row } from './text.ts';

/** Polling is one request each. */
const mostFollowed = 100;
/** Requests at once: a tail must not be a load. */
const atOnce = 8;
const pageSize = 100;

export interface Following {
  readonly client: ServerClient;
  /** None: all that take events. */
  readonly ids: readonly string[];
  /** How many past attempts of each come first. */
  readonly past: number;
  readonly everyMs: number;
  readonly signal: AbortSignal;
  readonly terminal: Terminal;
  readonly print: (integrationId: string, attempt: Row) => void;
}

/** Ends only by the signal. @throws CommandError interrupted */
export async function follow(following: Following): Promise<never> {
  const { client, past, everyMs, signal, print, terminal } = following;
  const ids = following.ids.length > 0 ? following.ids : await newestIds(client, terminal);
  if (ids.length === 0) throw new CommandError(exitCodes.notFound, 'No integration here takes events.');
  const seen = new Map<string, number>();
  await inBatches(ids, async (id) => {
    const newest = await attempts(client, id, Math.max(1, past));
    seen.set(id, numberOf(newest[0]));
    for (const attempt of newest.slice(0, past).toReversed()) print(id, attempt);
  });
  terminal.note(`Following ${ids.length} integration${ids.length === 1 ? '' : 's'}. Ctrl-C ends it.`);
  for (;;) {
    await wait(everyMs, undefined, { signal });
    await inBatches(ids, async (id) => {
      const before = seen.get(id) ?? 0;
      const fresh = (await attempts(client, id, pageSize)).filter((each) => numberOf(each) > before);
      seen.set(id, Math.max(before, numberOf(fresh[0])));
      for (const attempt of fresh.toReversed()) print(id, attempt);
    });
  }
}

async function newestIds(client: ServerClient, terminal: Terminal): Promise<readonly string[]> {
  const { data, pagination } = await client.page('/api/integrations', {
    category: 'customer_data',
    limit: mostFollowed,
  });
  const isCut = pagination.next_cursor !== null && pagination.next_cursor !== undefined;
  if (isCut) terminal.note(`There are more; only the newest ${mostFollowed} are followed.`);
  return data.map((integration) => String(integration['integration_id']));
}

async function attempts(client: ServerClient, id: string, limit: number): Promise<readonly Row[]> {
  const path = `/api/integrations/${encodeURIComponent(id)}/attempts`;
  return (await client.page(path, { limit })).data;
}

const attemptNumber = z.number();

function numberOf(attempt: Row | undefined): number {
  return attempt === undefined ? 0 : attemptNumber.parse(attempt['attempt_id']);
}

async function inBatches(ids: readonly string[], work: (id: string) => Promise<void>): Promise<void> {
  for (let start = 0; start < ids.length; start += atOnce) {
    await Promise.all(ids.slice(start, start + atOnce).map(work));
  }
}
