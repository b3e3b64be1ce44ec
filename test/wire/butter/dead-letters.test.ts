import { afterAll, describe, expect, it } from 'vitest';
import type { TestApp } from '../../support/app.ts';
import { butterCall, createOrganization } from '../../support/butter.ts';
import {
  act,
  data,
  deadLetters,
  deletionOf,
  delivery,
  fatesOf,
  idsOf,
  integrationPath,
  messageIds,
  until,
  untilDelivery,
  unusable,
} from '../../support/delivery.ts';
import { onBothDatabases } from '../../support/matrix.ts';
import { SegmentSink, sinkStatus } from '../../support/segment-sink.ts';
import { hold, query } from '../../support/sql.ts';
import { createSegment, newEvent, newEvents, postEvents } from '../../support/webhook.ts';

const sink = await SegmentSink.start();
const environment = { ...sink.environment, JACKFIELD_SEGMENT_INTEGRATION_LIMIT: '1000' };
afterAll(async () => await sink[Symbol.asyncDispose]());

const takenBy = (writeKey: string) => [...sink.takenFor(writeKey).keys()];

/** Nobody has to let go of a dead letter for it: the cost of a removal does not grow with them. */
async function removeUnderHold(app: TestApp, id: string): Promise<void> {
  const url = app.database.environment['DATABASE_URL'];
  // nobody else can hold anything in the embedded database
  const locks = `select from dead_letter where integration_id = '${id}' for update`;
  await using _ = url === undefined ? undefined : await hold(url, locks);
  expect((await butterCall(app, 'DELETE', integrationPath(id))).status).toBe(200);
}

/** An organization whose log nobody else writes to. */
async function newOwner(app: TestApp) {
  const client = await createOrganization(app);
  const source = await butterCall(client, 'POST', '/api/event-sources', {
    json: { name: 'Mail', kind: 'sendgrid' },
  });
  return { client, target: { url: app.url, eventSourceId: source.json.data.source_id } };
}

describe('dead letters', () => {
  onBothDatabases((app) => {
    it('splits a batch that is refused until the guilty events are alone, and retries those on demand', async () => {
      const { id, writeKey } = await createSegment(app());
      const events = newEvents(16);
      const guilty = [events[3], events[11]].flatMap((event) => event ?? []);
      const poison = new Set(messageIds(id, guilty));
      sink.answers.set(writeKey, (response, { batch }) => {
        response.writeHead(batch.some(({ messageId }) => poison.has(messageId)) ? 400 : 200).end();
      });
      await postEvents(app(), events);
      await untilDelivery(app(), id, { dead_letters: 2, waiting_events: 0 });
      const innocent = messageIds(id, events).filter((messageId) => !poison.has(messageId));
      expect(takenBy(writeKey)).toEqual(innocent);
      const letters: readonly { dead_letter_id: number; sg_event_id: string; reason: string }[] =
        await deadLetters(app(), id);
      expect(letters.map((letter) => [letter.sg_event_id, letter.reason])).toEqual(
        idsOf(guilty.toReversed()).map((each) => [each, 'status 400']),
      );
      sink.answers.delete(writeKey);
      const outcomes = (await data(app(), `${integrationPath(id)}/attempts?limit=100`)).map(
        ({ outcome, events: count }: { outcome: string; events: number }) => [outcome, count],
      );
      expect(outcomes.filter(([outcome]: readonly string[]) => outcome === 'rejected')).toEqual([
        ['rejected', 1],
        ['rejected', 1],
      ]);
      expect(outcomes).toContainEqual(['split', 16]);
      const [last] = letters;
      const chosen = await act(app(), id, 'dead-letters/retry', { dead_letter_ids: [last?.dead_letter_id] });
      expect(chosen.json.data).toEqual({ count: 1 });
      await until(() => expect(takenBy(writeKey)).toHaveLength(15));
      expect((await act(app(), id, 'dead-letters/retry')).json.data).toEqual({ count: 1 });
      await until(() => expect(takenBy(writeKey).toSorted()).toEqual(messageIds(id, events).toSorted()));
      await untilDelivery(app(), id, { dead_letters: 0, replays: 0, waiting_events: 0 });
      expect((await act(app(), id, 'dead-letters/retry')).json.data).toEqual({ count: 0 });
    });

    it('gives up dead letters on demand: chosen ones, or all', async () => {
      const { id } = await createSegment(app());
      const events = [unusable(), unusable(), unusable()];
      await postEvents(app(), events);
      await untilDelivery(app(), id, { dead_letters: 3 });
      const [newest] = await deadLetters(app(), id);
      const at = `${integrationPath(id)}/dead-letters`;
      const foreign = await createSegment(app());
      const elsewhere = `${integrationPath(foreign.id)}/dead-letters?ids=${newest.dead_letter_id}`;
      expect((await butterCall(app(), 'DELETE', elsewhere)).json.data).toEqual({ count: 0 });
      const one = await butterCall(app(), 'DELETE', `${at}?ids=${newest.dead_letter_id}`);
      expect(one.json.data).toEqual({ count: 1 });
      expect((await butterCall(app(), 'DELETE', at)).json.data).toEqual({ count: 2 });
      expect(await deadLetters(app(), id)).toEqual([]);
      await untilDelivery(app(), id, { dead_letters: 0 });
      // whoever follows the event still finds that it was never sent
      for (const event of events) expect(await fatesOf(app(), event, [id])).toEqual(['dead']);
      for (const wrong of ['', 'x', '0', '1,', '1.5']) {
        expect((await butterCall(app(), 'DELETE', `${at}?ids=${wrong}`)).status).toBe(422);
      }
    });

    it.each([
      ['DELETE', '', { dead_letter_ids: [1] }, ['body']],
      ['DELETE', '', {}, ['body']],
      ['DELETE', '?ids=1&ids=2', undefined, ['query', 'ids']],
      ['DELETE', '?id=1', undefined, ['query', 'id']],
      ['DELETE', '?dead_letter_ids=1', undefined, ['query', 'dead_letter_ids']],
      ['POST', '/retry', { ids: [1] }, ['body', 'ids']],
      ['POST', '/retry', { dead_letter_ids: [1], ids: [2] }, ['body', 'ids']],
      ['POST', '/retry', [1], ['body']],
      ['POST', '/retry?ids=1', undefined, ['query', 'ids']],
    ])('takes no choice of dead letters for all of them: %s %s %j', async (method, rest, json, loc) => {
      const { id } = await createSegment(app());
      const at = `${integrationPath(id)}/dead-letters${rest}`;
      const refused = await butterCall(app(), method, at, json === undefined ? {} : { json });
      expect([refused.status, refused.json.detail?.[0].loc]).toEqual([422, loc]);
    });

    it('sends very many again by and by, and leaves them to whoever follows a removed integration', async () => {
      const url = app().database.environment['DATABASE_URL'];
      // so many come only of days of refusals: they are written past Jackfield, which the embedded database lets nobody
      if (url === undefined) return;
      const events = newEvents(2_550, 'group_unsubscribe');
      await postEvents(app(), events);
      const [retrying, removed] = [await createSegment(app()), await createSegment(app())];
      const heir = await createSegment(app(), ['bounce']);
      for (const { id } of [retrying, removed]) {
        await query(
          url,
          `insert into dead_letter (integration_id, organization_id, position, kind, sg_event_id, reason)
           select '${id}', organization_id, position, kind, sg_event_id, 'status 501' from event
           where sg_event_id in ('${events.map((event) => event.sg_event_id).join("','")}') order by position`,
        );
        await untilDelivery(app(), id, { dead_letters: 2_550, waiting_events: 0 });
      }
      await act(app(), retrying.id, 'pause');
      const retried = await act(app(), retrying.id, 'dead-letters/retry');
      expect(retried.json.data).toEqual({ count: 2_550 });
      const begun = { replays: 1, waiting_events: 2_500, dead_letters: 50 };
      expect(await delivery(app(), retrying.id)).toMatchObject(begun);
      await act(app(), retrying.id, 'resume');

      await removeUnderHold(app(), removed.id);
      expect(await deletionOf(app(), removed.id)).toMatchObject({ undelivered_events: 2_550 });
      const replayed = await act(app(), heir.id, 'replay', { from_integration: removed.id });
      expect(replayed.json.data).toEqual({ events: 2_550 });
      for (const { id, writeKey } of [retrying, heir]) {
        await until(() => expect(sink.takenFor(writeKey).size).toBe(2_550));
        expect(new Set(takenBy(writeKey))).toEqual(new Set(messageIds(id, events)));
        await untilDelivery(app(), id, { dead_letters: 0, replays: 0, waiting_events: 0 });
      }
    });

    it('gives very many up part by part, each with an audit entry, and no other integration’s', async () => {
      const url = app().database.environment['DATABASE_URL'];
      if (url === undefined) return;
      const { client } = await newOwner(app());
      const [{ id }, other] = [await createSegment(client), await createSegment(client)];
      const letters = 20_001;
      await query(
        url,
        `insert into dead_letter (integration_id, organization_id, position, kind, sg_event_id, reason)
         select integration, '${client.organizationId}', n, 5, 'id-' || n, 'status 501'
         from generate_series(1, ${letters}) n, unnest('{${id},${other.id}}'::text[]) integration`,
      );
      const discarded = await butterCall(client, 'DELETE', `${integrationPath(id)}/dead-letters`);
      expect([discarded.status, discarded.json.data]).toEqual([200, { count: letters }]);
      expect(await delivery(client, id)).toMatchObject({ dead_letters: 0 });
      expect(await delivery(client, other.id)).toMatchObject({ dead_letters: letters });
      const audited = await butterCall(client, 'GET', '/api/audit-log?action=dead_letters.discarded');
      const events = audited.json.data.map((entry: { details: unknown }) => entry.details);
      expect(events).toEqual([{ events: 1 }, { events: 20_000 }]);
    });

    it('sends what the log still has, and says how many that are', async () => {
      const url = app().database.environment['DATABASE_URL'];
      // nobody else can take anything out of the embedded database
      if (url === undefined) return;
      const owner = await newOwner(app());
      const [dead, late] = [await createSegment(owner.client, ['open']), await createSegment(owner.client)];
      const heir = await createSegment(owner.client, ['bounce']);
      sink.answers.set(dead.writeKey, sinkStatus(400));
      await act(owner.client, late.id, 'pause');
      const [gone, kept] = [newEvent('open'), newEvent('open')];
      await postEvents(owner.target, [gone, newEvent('click'), kept]);
      await untilDelivery(owner.client, dead.id, { dead_letters: 2, waiting_events: 0 });
      await query(
        url,
        `delete from event where position < 3 and organization_id = '${owner.client.organizationId}'`,
      );

      const letters: readonly { dead_letter_id: number; sg_event_id: string }[] = await deadLetters(
        owner.client,
        dead.id,
      );
      const lost = letters.find(({ sg_event_id }) => sg_event_id === gone.sg_event_id);
      sink.answers.delete(dead.writeKey);
      const none = await act(owner.client, dead.id, 'dead-letters/retry', {
        dead_letter_ids: [lost?.dead_letter_id],
      });
      expect(none.json.data).toEqual({ count: 0 });
      expect((await act(owner.client, dead.id, 'dead-letters/retry')).json.data).toEqual({ count: 1 });
      await until(() => expect(takenBy(dead.writeKey)).toEqual(messageIds(dead.id, [kept])));
      await untilDelivery(owner.client, dead.id, { dead_letters: 1, replays: 0 });

      for (const [{ id }, events, undelivered] of [
        [dead, 0, 1],
        [late, 1, 3],
      ] as const) {
        await butterCall(owner.client, 'DELETE', integrationPath(id));
        expect(await deletionOf(owner.client, id)).toMatchObject({ undelivered_events: undelivered });
        const replay = await act(owner.client, heir.id, 'replay', { from_integration: id });
        expect(replay.json.data).toEqual({ events });
      }
      await until(() => expect(takenBy(heir.writeKey)).toEqual(messageIds(heir.id, [kept])));
      await untilDelivery(owner.client, heir.id, { replays: 0, waiting_events: 0 });
    });
  }, environment);
});
