import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newRoleKey } from '../src/core/role-key.ts';
import { Arena } from './support/butter-race/arena.ts';
import { chooseRequests } from './support/butter-race/choices.ts';
import { RaceDatabase } from './support/butter-race/database.ts';
import type { State } from './support/butter-race/model.ts';
import { type Pair, pairs } from './support/butter-race/pairs.ts';
import { startTwilio, type Twilio } from './support/butter-race/twilio.ts';
import { createDatabase, type TestDatabase } from './support/database.ts';
import { startProcess, type TestProcess } from './support/process.ts';
import { createRandom, type Random, testSeed } from './support/random.ts';

const interleavings = Number(process.env['JACKFIELD_TEST_INTERLEAVINGS'] ?? 400);
/** Of each pair: enough that both of two outcomes are seen, even where one comes only once in five times. */
const rounds = Math.max(32, Math.ceil(interleavings / 40));
/** Each has integrations and numbers of its own; together they keep both processes busy. */
const lanes = 6;
/** Few, so that requests meet. */
const integrationsPerLane = 3;
const numbersPerLane = 3;
/** A removal elsewhere may wait for a lease of 2 s; the rest is a slow machine. */
const timeoutMs = 60_000 + interleavings * 100;

const organizationId = 'org_race';
const key = newRoleKey().token;
let twilio: Twilio;
let database: TestDatabase;
let processes: readonly [TestProcess, TestProcess];
let look: RaceDatabase;
let arena: Arena;
let phoneNumberCount = 0;

beforeAll(async () => {
  [twilio, database] = await Promise.all([startTwilio(), createDatabase('postgres')]);
  const environment = {
    ...database.environment,
    JACKFIELD_BOOTSTRAP_ORGANIZATION_ID: organizationId,
    JACKFIELD_BOOTSTRAP_API_KEY: key,
    JACKFIELD_TWILIO_URL: twilio.url,
    JACKFIELD_LOG_LEVEL: 'warn',
  };
  processes = await Promise.all([startProcess(environment), startProcess(environment)]);
  look = new RaceDatabase(database.environment['DATABASE_URL'] ?? '', organizationId);
  const headers = { 'x-api-key': key, 'x-organization-id': organizationId };
  arena = new Arena({ servers: processes, headers }, look);
});
afterAll(async () => {
  await look[Symbol.asyncDispose]();
  for (const each of processes) await each[Symbol.asyncDispose]();
  await Promise.all([database[Symbol.asyncDispose](), twilio[Symbol.asyncDispose]()]);
});

describe(`two processes on one database (seed ${testSeed})`, () => {
  it.each(pairs)(
    'give $title one outcome, and each in turn',
    async (pair) => {
      const seen = new Map<string, number>();
      await inLanes(rounds, (random) => async () => {
        const outcome = await bringTogether(pair, random);
        seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
      });
      print(`${pair.title}: ${describeTally(seen)}`);
      expect([...seen.keys()].toSorted()).toEqual(pair.outcomes);
    },
    timeoutMs,
  );

  it(
    `answer ${interleavings} overlapping groups of requests as if each came alone`,
    async () => {
      const began = performance.now();
      await inLanes(interleavings, (random) => {
        const phoneNumbers = Array.from({ length: numbersPerLane }, newPhoneNumber);
        let state: State = { integrations: new Map(), numbers: new Map() };
        return async () => {
          const fresh = await arena.stock.take(integrationsPerLane - state.integrations.size);
          const integrations = new Map([...state.integrations, ...fresh]);
          const start = { integrations, numbers: state.numbers };
          const requests = chooseRequests({ state: start, phoneNumbers, random });
          ({ state } = await arena.meet(start, requests, random));
        };
      });
      const seconds = ((performance.now() - began) / 1_000).toFixed(0);
      print(
        `${interleavings} interleavings (seed ${testSeed}) in ${seconds} s: ${describeTally(arena.tally)}`,
      );
      print(arena.latencies.describe());
    },
    timeoutMs,
  );

  it('leave nothing dangling, have deleted each id once, and never lock in a circle', async () => {
    await look.requireNoOrphans();
    expect(await look.totals()).toEqual(arena.expectedTotals);
    for (const each of processes) expect(await each.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(await look.deadlocks()).toBe(0);
  });
});

/** Takes turns in all lanes at once, each with choices of its own that the seed decides. Ends with the first failure. */
async function inLanes(turns: number, openLane: (random: Random) => () => Promise<void>): Promise<void> {
  let left = turns;
  const work = async (_: unknown, lane: number): Promise<void> => {
    const takeTurn = openLane(createRandom(testSeed + lane));
    try {
      while (left-- > 0) await takeTurn();
    } finally {
      left = 0;
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: lanes }, work));
  const failure = ended.find(({ status }) => status === 'rejected');
  if (failure?.status === 'rejected') throw failure.reason;
}

/** @returns the statuses of the pair. */
async function bringTogether({ numberAt, requests }: Pair, random: Random): Promise<string> {
  const phoneNumber = newPhoneNumber();
  const integrations = await arena.stock.take(2);
  const [a = '', b = ''] = integrations.keys();
  let state: State = { integrations, numbers: new Map() };
  if (numberAt !== undefined) {
    const integrationId = numberAt === 'a' ? a : b;
    ({ state } = await arena.meet(state, [{ kind: 'import', phoneNumber, integrationId }], random));
  }
  const [numberId = ''] = state.numbers.keys();
  const { statuses } = await arena.meet(state, requests({ a, b, phoneNumber, numberId }), random);
  return statuses.join(' ');
}

function newPhoneNumber(): string {
  return `+1555${String(++phoneNumberCount).padStart(7, '0')}`;
}

function describeTally(tally: ReadonlyMap<string, number>): string {
  return [...tally].map(([name, count]) => `${name} × ${count}`).join(', ');
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
