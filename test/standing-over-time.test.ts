import { afterAll, describe, expect, it } from 'vitest';
import { newRoleKey } from '../src/core/role-key.ts';
import { startOn } from './support/app.ts';
import { butterCall, createOrganization } from './support/butter.ts';
import { createDatabase, databaseKinds } from './support/database.ts';
import { act, data, integrationPath, untilDelivery, unusable } from './support/delivery.ts';
import { SegmentSink } from './support/segment-sink.ts';
import { change } from './support/stopped-database.ts';
import { createSegment, newEvents, postEvents } from './support/webhook.ts';

const sink = await SegmentSink.start();
afterAll(async () => await sink[Symbol.asyncDispose]());

const eventSourceId = `src_${'00000000000000fb'.repeat(2)}`;
const organizationId = 'org_standing';
/** As if everything had happened ten minutes earlier. */
const age = ['organization_minute', 'organization_standing', 'sampled_minute'].map(
  (table) => `update ${table} set at = at - interval '10 minutes'`,
);

interface Step {
  readonly waiting: number | null;
  readonly dead: number | null;
}

describe.each(databaseKinds)('what waits and what is dead, over time, on %s', (kind) => {
  it('is told as it was at the end of each step, as it is in the last one, and not at all of a time without a server', async () => {
    await using database = await createDatabase(kind);
    const roleKey = newRoleKey().token;
    const own = { roleKey, organizationId, eventSourceId, environment: sink.environment };
    const start = async () => await startOn(database, kind, own);
    const steps = async (client: Parameters<typeof data>[0], step = 60): Promise<readonly Step[]> => {
      const from = new Date(Date.now() - 60 * 60_000).toISOString();
      return (await data(client, `/api/overview?from=${from}&step=${step}`)).steps;
    };
    const known = async (client: Parameters<typeof data>[0]) =>
      (await steps(client))
        .filter(({ waiting }) => waiting !== null)
        .map(({ waiting, dead }) => [waiting, dead]);
    let paused = '';
    let refusing = '';
    {
      await using first = await start();
      const { client } = first;
      ({ id: paused } = await createSegment(client, ['open']));
      ({ id: refusing } = await createSegment(client, ['delivered']));
      await act(client, paused, 'pause');
      expect(await known(client)).toEqual([[0, 0]]);
      await postEvents(client, [...newEvents(3, 'open'), unusable()]);
      await untilDelivery(client, refusing, { waiting_events: 0, dead_letters: 1 });
      expect((await known(client)).at(-1)).toEqual([3, 1]);
    }
    // counted once more as the server stopped
    await change(database, age);
    {
      await using second = await start();
      const { client } = second;
      expect((await known(client)).slice(-2)).toEqual([
        [3, 1],
        [3, 1],
      ]);
      expect((await steps(client)).length - (await known(client)).length).toBeGreaterThan(50);
      const stranger = await createOrganization(second.app);
      expect((await known(stranger)).slice(-2)).toEqual([
        [0, 0],
        [0, 0],
      ]);
      await act(client, paused, 'resume');
      await butterCall(client, 'DELETE', `${integrationPath(refusing)}/dead-letters`);
      await untilDelivery(client, paused, { waiting_events: 0 });
      await untilDelivery(client, refusing, { dead_letters: 0 });
      expect((await known(client)).slice(-2)).toEqual([
        [3, 1],
        [0, 0],
      ]);
    }
    await change(database, age);
    await using third = await start();
    expect((await known(third.client)).slice(-3)).toEqual([
      [3, 1],
      [0, 0],
      [0, 0],
    ]);
    // of a step the last minute counts in which it was looked
    expect(await steps(third.client, 7_200)).toMatchObject([{ waiting: 0, dead: 0 }]);
  });
});
