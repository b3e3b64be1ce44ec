/** The places at which a worker can be held from outside, to be killed there: locks in its database, and its sink. */
import { expect } from 'vitest';
import { newEventIds, postEvents, until } from './forwarding.ts';
import { answer, silent } from './hostile-sink.ts';
import { type Held, hold, query } from './sql.ts';
import type { Worker, Workers } from './workers.ts';

export interface Scene {
  readonly workers: Workers;
  readonly victim: Worker;
  readonly writeKey: string;
}

/** What has happened when a worker is held at a point. */
export interface Reached {
  /** The events that were posted. */
  readonly ids: readonly string[];
  /** Whether they were answered as taken; otherwise whoever posted them repeats them. */
  readonly answered: boolean;
  /** What holds the worker there. */
  readonly locks: readonly Held[];
}

export type CrashPoint = (scene: Scene) => Promise<Reached>;

const cursorRow = 'select from delivery_cursor for update';
const attempts = 'lock table delivery_attempt in access exclusive mode';

async function untilWaiting(lock: Held): Promise<void> {
  await until(async () => expect(await lock.waiters()).toBe(1));
}

const duringAppend: CrashPoint = async ({ workers: { databaseUrl }, victim }) => {
  const ids = newEventIds('during append', 3);
  const lock = await hold(databaseUrl, 'select from event_head for update');
  postEvents(victim, ids).catch(() => undefined);
  await untilWaiting(lock);
  return { ids, answered: false, locks: [lock] };
};

const afterAppend: CrashPoint = async ({ workers: { databaseUrl }, victim }) => {
  const ids = newEventIds('after append', 3);
  // a cursor that somebody holds is passed by
  const lock = await hold(databaseUrl, cursorRow);
  await postEvents(victim, ids);
  return { ids, answered: true, locks: [lock] };
};

const afterClaim: CrashPoint = async ({ workers }) => {
  const { databaseUrl } = workers;
  const ids = newEventIds('after claim', 3);
  const cursor = await hold(databaseUrl, cursorRow);
  // taken by another worker: what the victim has taken itself it need not read
  const taker = await workers.start();
  await postEvents(taker, ids);
  await taker.process.end('SIGKILL');
  const log = await hold(databaseUrl, 'lock table event in access exclusive mode');
  await cursor[Symbol.asyncDispose]();
  await untilWaiting(log);
  return { ids, answered: true, locks: [log] };
};

const afterSend: CrashPoint = async ({ workers: { sink }, victim, writeKey }) => {
  const ids = newEventIds('after send', 3);
  sink.conducts.set(writeKey, silent);
  const before = sink.requests.length;
  await postEvents(victim, ids);
  await until(() => expect(sink.requests).toHaveLength(before + 1));
  return { ids, answered: true, locks: [] };
};

/** Killed in the same turn of this process in which the answer leaves it. */
const withTheAnswer: CrashPoint = async ({ workers: { sink }, victim, writeKey }) => {
  const ids = newEventIds('with the answer', 3);
  const { promise, resolve } = Promise.withResolvers<void>();
  sink.conducts.set(writeKey, (exchange) => {
    answer(200)(exchange);
    victim.process.child.kill('SIGKILL');
    resolve();
  });
  await postEvents(victim, ids);
  await promise;
  return { ids, answered: true, locks: [] };
};

const beforeNote: CrashPoint = async ({ workers: { databaseUrl }, victim }) => {
  const ids = newEventIds('before note', 3);
  const lock = await hold(databaseUrl, attempts);
  await postEvents(victim, ids);
  await untilWaiting(lock);
  return { ids, answered: true, locks: [lock] };
};

const beforeSettle: CrashPoint = async ({ workers: { databaseUrl }, victim }) => {
  const ids = newEventIds('before settle', 3);
  const note = await hold(databaseUrl, attempts);
  await postEvents(victim, ids);
  await untilWaiting(note);
  const cursor = await hold(databaseUrl, cursorRow);
  await note[Symbol.asyncDispose]();
  // no more for the table, but for the row
  const forRow =
    "select from pg_stat_activity where datname = current_database() and wait_event = 'transactionid'";
  await until(async () => expect(await query(databaseUrl, forRow)).toHaveLength(1));
  return { ids, answered: true, locks: [cursor] };
};

/** Each with whether the sink has had the events by then. */
export const anywhere = [
  ['after send, before an answer', afterSend, true],
  ['as the answer comes', withTheAnswer, true],
] as const satisfies readonly (readonly [string, CrashPoint, boolean])[];

export const onPostgres = [
  ['during append', duringAppend, false],
  ['after append, before a claim', afterAppend, false],
  ['after claim, before send', afterClaim, false],
  ...anywhere,
  ['after the answer, before it is noted', beforeNote, true],
  ['before settle', beforeSettle, true],
] as const satisfies readonly (readonly [string, CrashPoint, boolean])[];
