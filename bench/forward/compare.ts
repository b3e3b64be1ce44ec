/** Every side in turn, delivering the same events: in batches, and one to a request. */
import { createDatabase, createPostgres } from '../database.ts';
import { forgetHighestMemory } from '../machine.ts';
import { startJackfield } from './jackfield-side.ts';
import type { Plan } from './plan.ts';
import { type QueueSideOptions, startQueueSide } from './queue-side.ts';
import type { Redis } from './redis.ts';
import type { Bench } from './side.ts';
import {
  type Burst,
  burst,
  findSustained,
  type Load,
  type Subject,
  sustain,
  type Window,
} from './sustained.ts';

/** Enough for a side that keeps order at each destination to have requests side by side. */
const destinations = 16;

export interface Servers {
  readonly bench: Bench;
  readonly postgres: { readonly url: string; readonly pid: number };
  readonly redis: Redis;
}

export interface Comparison {
  readonly name: string;
  readonly isBatched: boolean;
  readonly burst: Burst;
  /** Undefined: no rate that was tried was held. */
  readonly sustained: Window | undefined;
  /** Also while more was offered than the side keeps up with. */
  readonly highestMb: number;
  /** While it held the highest rate that it keeps up with, for long. */
  readonly sustainedMb: number | undefined;
}

type Library = QueueSideOptions['library'];
const batching: readonly ('Jackfield' | Library)[] = ['bare loop', 'Jackfield', 'pg-boss'];
const single: readonly ('Jackfield' | Library)[] = [
  'bare loop',
  'Jackfield',
  'pg-boss',
  'graphile-worker',
  'BullMQ',
];
/** These two are held for the whole time: the aims are about them. */
const sustainedLong: ReadonlySet<string> = new Set(['bare loop', 'Jackfield']);

export async function compareBatches(servers: Servers, plan: Plan): Promise<readonly Comparison[]> {
  const results = [];
  for (const name of batching) results.push(await compareOne(servers, plan, { name, isBatched: true }));
  return results;
}

export async function compareSingles(servers: Servers, plan: Plan): Promise<readonly Comparison[]> {
  const results = [];
  for (const name of single) results.push(await compareOne(servers, plan, { name, isBatched: false }));
  return results;
}

interface Entry {
  readonly name: 'Jackfield' | Library;
  readonly isBatched: boolean;
}

async function compareOne(servers: Servers, plan: Plan, entry: Entry): Promise<Comparison> {
  const { bench } = servers;
  const { side, databasePid } = await startSide(servers, entry);
  await using subject: Subject & AsyncDisposable = {
    bench,
    side,
    databasePid,
    [Symbol.asyncDispose]: async () => await side[Symbol.asyncDispose](),
  };
  const load: Load = { eventsPerPost: entry.isBatched ? 1_000 : 100, copies: 1 };
  const events = entry.isBatched ? plan.batched : plan.singles;
  // the first one warms up
  await burst(subject, load, events / 5);
  const full = await burst(subject, load, events);
  const found = await findSustained(subject, load, { ...plan.search, from: full.perSecond });
  const { highestResidentMb: highestMb } = await side.memory();
  const compared = { ...entry, burst: full, highestMb };
  if (!entry.isBatched || !sustainedLong.has(entry.name) || found === undefined)
    return { ...compared, sustained: found, sustainedMb: undefined };
  await forgetHighestMemory(side.pid);
  const rate = { eventsPerSecond: found.offered, seconds: plan.sustainSeconds };
  const sustained = await sustain(subject, load, rate);
  return { ...compared, sustained, sustainedMb: sustained?.memory.highestResidentMb };
}

async function startSide({ bench, postgres, redis }: Servers, { name, isBatched }: Entry) {
  const database = `${name}_${isBatched ? 'batched' : 'single'}`.toLowerCase().replaceAll(/\W/g, '_');
  if (name === 'Jackfield') {
    const environment: Record<string, string> = isBatched ? {} : { JACKFIELD_DELIVERY_BATCH_EVENTS: '1' };
    const side = await startJackfield(bench, {
      database: await createPostgres(postgres.url, database),
      organizations: destinations,
      destinations: 1,
      environment,
    });
    return { side, databasePid: postgres.pid };
  }
  if (name === 'BullMQ') {
    const side = await startQueueSide(bench, { library: name, isBatched, destinations, url: redis.url });
    return { side, databasePid: redis.pid };
  }
  const url = name === 'bare loop' ? '' : await createDatabase(postgres.url, database);
  const side = await startQueueSide(bench, { library: name, isBatched, destinations, url });
  return { side, databasePid: name === 'bare loop' ? undefined : postgres.pid };
}
