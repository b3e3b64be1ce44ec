import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { newSendGridKey } from '../src/core/sendgrid-key.ts';
import { createDatabase, type TestDatabase } from './support/database.ts';
import { call } from './support/http.ts';
import { startProcess, type TestProcess } from './support/process.ts';
import { Race } from './support/race.ts';
import { createRandom, testSeed } from './support/random.ts';
import { deadlocks, query } from './support/sql.ts';
import { createTenant, segmentBody } from './support/tenants.ts';

const operations = Number(process.env['JACKFIELD_TEST_RACE_OPERATIONS'] ?? 1_500);
/** Generous: the figure is for parameters far above the default. */
const timeout = 60_000 + operations * 50;
const concurrency = 32;
const tenants = 5;
const limit = 10;
/** Enough rows that deletes meet while they lock them. */
const crowd = 300;

const madeKey = z.object({ api_key: z.string(), api_key_id: z.string() });
const key = newSendGridKey().token;
let database: TestDatabase;
let processes: readonly [TestProcess, TestProcess];

beforeAll(async () => {
  database = await createDatabase('postgres');
  const environment = { ...database.environment, JACKFIELD_BOOTSTRAP_SENDGRID_KEY: key };
  processes = await Promise.all([startProcess(environment), startProcess(environment)]);
});
afterAll(async () => {
  for (const each of processes) await each[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

describe('two processes on one database', () => {
  it('share the last places of an account out once, whoever is asked', async () => {
    const [first] = processes;
    const tenant = await createTenant({ url: first.url, key });
    const create = async (server: TestProcess) =>
      await call(server, 'POST', '/v3/marketing/integrations', { key: tenant.key, json: segmentBody() });
    const answers = await Promise.all(Array.from({ length: 15 }, () => processes.map(create)).flat());
    const count = (wanted: number) => answers.filter(({ status }) => status === wanted).length;
    expect({ made: count(201), refused: count(403) }).toEqual({ made: limit, refused: 30 - limit });
  });

  it(`take large overlapping deletes in turn, in whatever order each names its ids (seed ${testSeed})`, async () => {
    const random = createRandom(testSeed);
    const [first] = processes;
    const tenant = await createTenant({ url: first.url, key });
    const url = database.environment['DATABASE_URL'] ?? '';
    await query(
      url,
      `update organization set segment_integration_limit = ${crowd} where user_id = ${tenant.userId}`,
    );
    const race = new Race(tenant.key, crowd);
    for (let round = 0; round < 3; round++) {
      const missing = crowd - race.present.length;
      await share(missing, () => async () => await race.create(random.pick(processes)));
      const ids = race.present;
      const subsets = Array.from({ length: 12 }, () => random.shuffled(ids).slice(0, crowd / 2));
      await Promise.all(subsets.map(async (subset) => await race.delete(random.pick(processes), subset)));
      expect(race.present.length).toBeLessThan(crowd);
    }
    await race.settle(first);
  });

  it('both refuse a key as soon as one of them has answered its deletion', async () => {
    const [first, second] = processes;
    const { username } = await createTenant({ url: first.url, key });
    for (let round = 0; round < 10; round++) {
      const [deleting, other] = round % 2 === 0 ? [first, second] : [second, first];
      const { json } = await call(deleting, 'POST', '/v3/api_keys', {
        key,
        onBehalfOf: username,
        json: { name: `round ${round}` },
      });
      const { api_key: token, api_key_id: id } = madeKey.parse(json);
      expect(await statusWith(other, token)).toBe(200);
      const deleted = await call(deleting, 'DELETE', `/v3/api_keys/${id}`, { key, onBehalfOf: username });
      expect(deleted.status).toBe(204);
      expect([await statusWith(other, token), await statusWith(deleting, token)]).toEqual([401, 401]);
    }
  });

  it(`keep every account straight through ${operations} overlapping requests (seed ${testSeed})`, {
    timeout,
  }, async () => {
    const [first] = processes;
    const races: Race[] = [];
    for (let i = 0; i < tenants; i++) {
      races.push(new Race((await createTenant({ url: first.url, key })).key, limit));
    }
    await share(operations, (client) => {
      const random = createRandom(testSeed + client);
      return async () => await random.pick(races).step(random.pick(processes), random);
    });
    const seen = new Set(races.flatMap(({ answers }) => [...answers.keys()]));
    for (const server of processes) {
      for (const race of races) await race.settle(server);
    }
    // the requests have really met: each kind was both granted and refused
    expect([...seen].toSorted()).toEqual([
      'DELETE 204',
      'DELETE 404',
      'GET 200',
      'GET 404',
      'PATCH 200',
      'PATCH 404',
      'POST 201',
      'POST 403',
    ]);
    for (const each of processes) expect(await each.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(await deadlocks(database.environment['DATABASE_URL'] ?? '')).toBe(0);
  });
});

/** Many clients at once, each one request after another, until as many as wanted were made. */
async function share(requests: number, clientOf: (index: number) => () => Promise<void>): Promise<void> {
  let left = requests;
  const work = async (_: unknown, index: number) => {
    const request = clientOf(index);
    while (left-- > 0) await request();
  };
  await Promise.all(Array.from({ length: concurrency }, work));
}

async function statusWith(server: TestProcess, token: string): Promise<number> {
  return (await call(server, 'GET', '/v3/scopes', { key: token })).status;
}
