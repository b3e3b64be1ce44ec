import { afterAll, describe, expect, it } from 'vitest';
import {
  type ButterClient,
  butterCall,
  createOrganization,
  createTwilio,
  twilioBody,
} from '../../support/butter.ts';
import { act, data, delivery, integrationPath, untilDelivery, unusable } from '../../support/delivery.ts';
import { onBothDatabases } from '../../support/matrix.ts';
import { SegmentSink, sinkStatus } from '../../support/segment-sink.ts';
import { createEventSource, createSegment, newEvents, postEvents } from '../../support/webhook.ts';

const sink = await SegmentSink.start();
const environment = { ...sink.environment, JACKFIELD_SEGMENT_INTEGRATION_LIMIT: '1000' };
afterAll(async () => await sink[Symbol.asyncDispose]());

const sorts = ['created_at', '-created_at', 'name', '-name', 'waiting', '-waiting', 'health'] as const;

interface Listed {
  readonly integration_id: string;
  readonly name: string;
  readonly delivery?: Readonly<Record<string, unknown>> | null;
}

const list = async (client: ButterClient, query = ''): Promise<readonly Listed[]> =>
  await data(client, `/api/integrations?${query}`);
const idsOf = (items: readonly Listed[]) => items.map((item) => item.integration_id);

/** Every page in turn. */
async function pages(client: ButterClient, query: string): Promise<readonly Listed[]> {
  const items: Listed[] = [];
  for (let cursor = ''; ; ) {
    const { json, text } = await butterCall(client, 'GET', `/api/integrations?${query}${cursor}`);
    expect(json?.success, text).toBe(true);
    items.push(...json.data);
    expect(json.pagination.total_count).toBeGreaterThanOrEqual(items.length);
    if (!json.pagination.has_more) return items;
    cursor = `&cursor=${json.pagination.next_cursor}`;
  }
}

describe('the list of integrations', () => {
  onBothDatabases((app) => {
    /** An organization with one integration in each condition, whose names tell it. */
    async function organizationOfEveryState() {
      const own = await createOrganization(app());
      const source = await createEventSource(own);
      const rename = async (id: string, name: string) => {
        expect((await butterCall(own, 'PUT', integrationPath(id), { json: { name } })).status).toBe(200);
        return id;
      };
      const create = async (name: string) => {
        const segment = await createSegment(own);
        await rename(segment.id, name);
        return segment;
      };
      const failing = await create('b failing');
      sink.answers.set(failing.writeKey, sinkStatus(500));
      await postEvents(source, newEvents(2));
      await untilDelivery(own, failing.id, { state: 'backing_off', waiting_events: 2 });
      const later = await create('a failing later');
      sink.answers.set(later.writeKey, sinkStatus(500));
      const dead = await create('e dead letters');
      const paused = await create('C paused');
      await act(own, paused.id, 'pause');
      await postEvents(source, [...newEvents(2), unusable()]);
      await untilDelivery(own, later.id, { state: 'backing_off', waiting_events: 3 });
      await untilDelivery(own, dead.id, { dead_letters: 1, waiting_events: 0 });
      const running = await create('D running');
      const twilio = await rename(await createTwilio(own), 'Ärger 50%_');
      return { own, failing, later, dead, paused, running, twilio };
    }

    it('shows how each delivery stands, sorts and filters by it, and looks like the delivery itself', async () => {
      const { own, failing, later, dead, paused, running, twilio } = await organizationOfEveryState();
      const byHealth = await list(own, 'sort=health&include=delivery');
      expect(idsOf(byHealth)).toEqual([failing.id, later.id, dead.id, paused.id, running.id, twilio]);
      for (const { integration_id: id, delivery: shown } of byHealth.filter((each) => each.delivery)) {
        const { integration_id: _, replays: __, next_attempt_at: ___, ...own1 } = await delivery(own, id);
        expect(shown).toMatchObject({ state: own1.state, waiting_events: own1.waiting_events });
        expect(shown).toMatchObject({
          dead_letters: own1.dead_letters,
          last_success_at: own1.last_success_at,
        });
      }
      expect(byHealth.at(0)?.delivery).toMatchObject({ last_error: 'status 500' });
      expect(byHealth.at(-1)).toMatchObject({ integration_id: twilio, delivery: null });
      expect(await list(own, 'sort=health')).not.toContainEqual(
        expect.objectContaining({ delivery: expect.anything() }),
      );

      const waiting = await list(own, 'sort=-waiting&include=delivery');
      expect(waiting.map((each) => each.delivery?.['waiting_events'] ?? 0)).toEqual([5, 3, 3, 0, 0, 0]);
      expect(idsOf(await list(own, 'sort=waiting'))).toEqual(idsOf(waiting).toReversed());
      expect((await list(own, 'sort=name')).map((each) => each.name)).toEqual([
        'a failing later',
        'b failing',
        'C paused',
        'D running',
        'e dead letters',
        'Ärger 50%_',
      ]);

      const inState = async (query: string) => idsOf(await list(own, query)).toSorted();
      expect(await inState('state=backing_off')).toEqual([failing.id, later.id].toSorted());
      expect(await inState('state=paused,running')).toEqual([paused.id, running.id, dead.id].toSorted());
      expect(await inState('state=not_forwarding')).toEqual([twilio]);
      expect(await inState('state=backing_off&search=LATER&provider=segment')).toEqual([later.id]);
      expect(await inState('state=backing_off&category=telephony')).toEqual([]);
      const { json } = await butterCall(own, 'GET', '/api/integrations?state=backing_off&limit=1&sort=name');
      expect(json.pagination).toMatchObject({ total_count: 2, has_more: true });

      expect(await inState('search=fAiL')).toEqual([failing.id, later.id].toSorted());
      expect(await inState(`search=${running.id.slice(5).toUpperCase()}`)).toEqual([running.id]);
      // as it is written: nothing in it means anything else
      expect(await inState(`search=${encodeURIComponent('50%_')}`)).toEqual([twilio]);
      expect(await inState(`search=${encodeURIComponent('%')}`)).toEqual([twilio]);
      expect(await inState(`search=${encodeURIComponent('ÄRGER')}`)).toEqual([twilio]);
      expect(await inState('search=_ailing')).toEqual([]);
      expect(await inState('provider=twilio,nothing')).toEqual([twilio]);
      expect(await inState('provider=twilio,segment')).toHaveLength(6);
      expect(await inState('provider=')).toEqual([]);

      const stranger = await createOrganization(app());
      for (const sort of sorts) expect(await list(stranger, `sort=${sort}&include=delivery`)).toEqual([]);
      expect(await list(stranger, 'state=backing_off,paused,running,not_forwarding')).toEqual([]);
      for (const sort of sorts) {
        const all = idsOf(await list(own, `sort=${sort}`));
        expect(idsOf(await pages(own, `sort=${sort}&limit=1&include=delivery`))).toEqual(all);
        expect(idsOf(await pages(own, `sort=${sort}&limit=4`))).toEqual(all);
      }
      const { json: overview } = await butterCall(own, 'GET', '/api/overview?step=3600');
      expect(overview.data.totals).toEqual({
        integrations: 6,
        running: 2,
        backing_off: 2,
        paused: 1,
        waiting_events: 11,
        dead_letters: 1,
        oldest_waiting_seconds: expect.any(Number),
      });
      expect(overview.data.unhealthy.map((each: Listed) => each.integration_id)).toEqual([
        failing.id,
        later.id,
        dead.id,
        paused.id,
      ]);
      expect(overview.data.unhealthy[0]).toMatchObject({ state: 'backing_off', last_error: 'status 500' });
      expect(overview.data.steps).toHaveLength(24);
      const sum = (what: string) =>
        overview.data.steps.reduce(
          (all: number, step: Readonly<Record<string, number>>) => all + (step[what] ?? 0),
          0,
        );
      expect(sum('received')).toBe(5);
      expect(sum('forwarded')).toBe(2);
      expect(sum('retried')).toBeGreaterThanOrEqual(5);
      const { data: none } = (await butterCall(stranger, 'GET', '/api/overview?step=3600')).json;
      expect(none.totals).toMatchObject({ integrations: 0, waiting_events: 0, oldest_waiting_seconds: null });
      expect(none.unhealthy).toEqual([]);
      expect(none.steps).toHaveLength(24);
    });

    it('has every integration once in all pages together, also where many are equal', async () => {
      const own = await createOrganization(app());
      for (const name of ['same', 'Same', 'same', 'other', 'SAME', 'same', 'same']) {
        await createTwilio(own, { json: twilioBody(name) });
      }
      const all = idsOf(await list(own)).toSorted();
      for (const sort of sorts) {
        const read = idsOf(await pages(own, `sort=${sort}&limit=2`));
        expect(read.toSorted()).toEqual(all);
        if (sort === 'name') {
          expect(idsOf(await pages(own, 'sort=-name&limit=3'))).toEqual(read.toReversed());
        }
      }
    });

    it('takes a cursor in its own order only', async () => {
      const own = await createOrganization(app());
      for (let count = 0; count < 3; count++) await createTwilio(own);
      for (const sort of sorts) {
        const { json } = await butterCall(own, 'GET', `/api/integrations?sort=${sort}&limit=1`);
        const cursor = json.pagination.next_cursor;
        for (const other of sorts) {
          const at = `/api/integrations?sort=${other}&cursor=${cursor}`;
          const { status, json: answer } = await butterCall(own, 'GET', at);
          expect([sort, other, status]).toEqual([sort, other, sort === other ? 200 : 400]);
          if (sort !== other) expect(answer).toEqual({ detail: 'Invalid cursor' });
        }
      }
    });

    it.each([
      ['search', 'search='],
      ['search', `search=${'x'.repeat(101)}`],
      ['search', 'search=%00'],
      ['state', 'state='],
      ['state', 'state=running,odd'],
      ['state', 'state=running&state=paused'],
      ['sort', 'sort=odd'],
      ['sort', 'sort='],
      ['include', 'include=everything'],
    ])('refuses an unusable %s: %s', async (name, query) => {
      const { status, json } = await butterCall(app(), 'GET', `/api/integrations?${query}`);
      expect([status, json.detail[0].loc.slice(0, 2)]).toEqual([422, ['query', name]]);
    });

    it.each([
      ['name', ['name', 'a\0', 'intg_0a1b2c3d4e5f']],
      ['waiting', ['waiting', -1, 'intg_0a1b2c3d4e5f']],
      ['waiting', ['waiting', 1e300, 'intg_0a1b2c3d4e5f']],
      ['health', ['health', 1.5, 0, 'intg_0a1b2c3d4e5f']],
      ['created_at', ['created_at', 9e15, 'intg_0a1b2c3d4e5f']],
      ['created_at', ['created_at', 1, 'x']],
    ])('refuses a forged cursor of %s: %j', async (sort, value) => {
      const cursor = Buffer.from(JSON.stringify(value)).toString('base64url');
      const at = `/api/integrations?sort=${sort}&cursor=${cursor}`;
      expect((await butterCall(app(), 'GET', at)).status).toBe(400);
    });

    it.each([
      ['from', 'from=yesterday'],
      ['from', 'from=0000-01-01T00:00:00Z'],
      ['to', 'to=1969-12-31T23:59:59Z'],
      ['step', 'step=0'],
      ['step', 'step=x'],
      ['step', 'from=2020-01-01T00:00:00Z&step=1'],
    ])('refuses an overview with an unusable %s: %s', async (name, query) => {
      const { status, json } = await butterCall(app(), 'GET', `/api/overview?${query}`);
      expect([status, json.detail[0].loc]).toEqual([422, ['query', name]]);
    });

    it('gives an empty overview of a time that ends before it begins', async () => {
      const range = 'from=2020-01-02T00:00:00Z&to=2020-01-01T00:00:00Z';
      expect((await data(app(), `/api/overview?${range}`)).steps).toEqual([]);
    });
  }, environment);
});
