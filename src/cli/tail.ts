/** Attempts at delivery, as they are made: polled, each shown once, in order. */
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { ServerClient } from './client.ts';
import { CommandError, exitCodes } from './exit-codes.ts';
import { collect } from './lists.ts';
import type { Terminal } from './terminal.ts';
import { count, type Row } from './text.ts';

/** So few are asked one by one. Of more a list tells which had an attempt. */
const mostAskedSingly = 100;
/** Requests at once: a tail must not be a load. */
const atOnce = 8;
const pageSize = 100;
/** Looks after a change: the list tells times in seconds, and another attempt may be of the same one. */
const looksAfterChange = 3;

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
  const { client, past, everyMs, signal, terminal } = following;
  const ids = following.ids.length > 0 ? following.ids : (await allThatTakeEvents(client)).map(idOf);
  if (ids.length === 0) throw new CommandError(exitCodes.notFound, 'No integration here takes events.');
  const watch = new Watch(client, ids);
  const active = await watch.active();
  const seen = new Map<string, number>();
  await inBatches(ids, async (id) => {
    // an integration that never had an attempt is not asked for its newest
    if (!active.has(id)) return;
    const newest = await attempts(client, id, Math.max(1, past));
    seen.set(id, numberOf(newest[0]));
    printAll(following, id, newest.slice(0, past));
  });
  terminal.note(`Following ${count(ids.length, 'integration')}. Ctrl-C ends it.`);
  for (;;) {
    await wait(everyMs, undefined, { signal });
    await inBatches([...(await watch.active())], async (id) => {
      const before = seen.get(id) ?? 0;
      const fresh = (await attempts(client, id, pageSize)).filter((each) => numberOf(each) > before);
      seen.set(id, Math.max(before, numberOf(fresh[0])));
      printAll(following, id, fresh);
    });
  }
}

/** Which of the followed may have an attempt that has not been read. */
class Watch {
  readonly #client: ServerClient;
  readonly #ids: ReadonlySet<string>;
  readonly #state = new Map<string, string>();
  readonly #looks = new Map<string, number>();

  constructor(client: ServerClient, ids: readonly string[]) {
    this.#client = client;
    this.#ids = new Set(ids);
  }

  async active(): Promise<ReadonlySet<string>> {
    if (this.#ids.size <= mostAskedSingly) return this.#ids;
    const listed = await allThatTakeEvents(this.#client);
    return new Set(listed.filter((each) => this.#isActive(each)).map(idOf));
  }

  #isActive(integration: Row): boolean {
    const id = idOf(integration);
    if (!this.#ids.has(id)) return false;
    const { last_success_at: success, last_error_at: failure } = times.parse(integration['delivery']);
    const state = `${success} ${failure}`;
    const never = success === null && failure === null;
    const isNew = !never && this.#state.get(id) !== state;
    const looks = isNew ? looksAfterChange : (this.#looks.get(id) ?? 0);
    this.#state.set(id, state);
    this.#looks.set(id, Math.max(0, looks - 1));
    return looks > 0;
  }
}

const times = z.object({ last_success_at: z.string().nullable(), last_error_at: z.string().nullable() });

async function allThatTakeEvents(client: ServerClient): Promise<readonly Row[]> {
  const query = { category: 'customer_data', include: 'delivery' };
  const cut = { all: true };
  return (await collect(client, { path: '/api/integrations', query, cut })).items;
}

/** Oldest first. */
function printAll(following: Following, id: string, newestFirst: readonly Row[]): void {
  for (const attempt of newestFirst.toReversed()) following.print(id, attempt);
}

function idOf(integration: Row): string {
  return String(integration['integration_id']);
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
