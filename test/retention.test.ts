import { afterAll, describe, expect, it } from 'vitest';
import { newRoleKey } from '../src/core/role-key.ts';
import type { ButterClient } from './support/butter.ts';
import { createDatabase, databaseKinds, type TestDatabase } from './support/database.ts';
import {
  act,
  changeFilter,
  data,
  delivery,
  fatesOf,
  messageIds,
  until,
  untilDelivery,
  unusable,
} from './support/delivery.ts';
import { call } from './support/http.ts';
import { startProcess } from './support/process.ts';
import { SegmentSink } from './support/segment-sink.ts';
import { hold, query } from './support/sql.ts';
import { change } from './support/stopped-database.ts';
import { createSegment, newEvent, newEvents, postEvents } from './support/webhook.ts';

const sink = await SegmentSink.start();
afterAll(async () => await sink[Symbol.asyncDispose]());

const eventSourceId = `src_${'00000000000000ff'.repeat(2)}`;
/** As if everything that is in the database had come in ten days ago. */
const age = [
  `select create_event_partition(current_date - 10)`,
  `update event set accepted_at = accepted_at - interval '10 days'`,
  `update dead_letter set at = at - interval '10 days'`,
  `update organization_minute set at = at - interval '10 days'`,
  `update organization_standing set at = at - interval '10 days'`,
  `update sampled_minute set at = at - interval '10 days'`,
];

const settings = (database: TestDatabase, roleKey: string) => ({
  ...database.environment,
  ...sink.environment,
  JACKFIELD_BOOTSTRAP_API_KEY: roleKey,
  JACKFIELD_BOOTSTRAP_ORGANIZATION_ID: 'org_kept',
  JACKFIELD_BOOTSTRAP_SOURCE_ID: eventSourceId,
  JACKFIELD_EVENT_RETENTION_DAYS: '3',
});

/** Jackfield as its own process on the database, and a client of its first organization. */
async function startKeeping(database: TestDatabase, roleKey: string) {
  const process = await startProcess(settings(database, roleKey));
  const client = { url: process.url, eventSourceId, roleKey, organizationId: 'org_kept' };
  return { process, client, [Symbol.asyncDispose]: async () => await process[Symbol.asyncDispose]() };
}

describe.each(databaseKinds)('retention on %s', (kind) => {
  it('drops old days, and counts what an integration missed that way', async () => {
    await using database = await createDatabase(kind);
    const roleKey = newRoleKey().token;
    const start = async () => await startKeeping(database, roleKey);
    await using before = await start();
    const keeping = await createSegment(before.client, ['open', 'bounce']);
    const late = await createSegment(before.client, ['open']);
    await act(before.client, late.id, 'pause');
    const [opened, bounced, clicked] = [newEvent('open'), newEvent('bounce'), newEvent('click')];
    const old = [opened, bounced, clicked, newEvent('open'), unusable()];
    await postEvents(before.client, old);
    await untilDelivery(before.client, keeping.id, { waiting_events: 0 });
    const { accepted_at: from } = (
      await call(before.client, 'GET', `/api/events/${opened.sg_event_id}`, {
        headers: { 'x-api-key': roleKey, 'x-organization-id': 'org_kept' },
      })
    ).json.data;
    expect((await act(before.client, late.id, 'replay', { from, email_events: ['bounce'] })).status).toBe(
      202,
    );
    expect((await delivery(before.client, late.id)).waiting_events).toBe(3);
    await before.process.end('SIGTERM');

    await change(database, age);
    await using after = await start();
    const { client } = after;
    expect(await delivery(client, late.id)).toMatchObject({
      state: 'paused',
      waiting_events: 0,
      missed_events: 3,
      replays: 0,
    });
    expect(await delivery(client, keeping.id)).toMatchObject({ waiting_events: 0, missed_events: 0 });
    const days = `from=${new Date(Date.now() - 20 * 24 * 60 * 60_000).toISOString()}&step=86400`;
    const { steps } = await data(client, `/api/overview?${days}`);
    expect(steps.filter(({ received }: { readonly received: number }) => received > 0)).toEqual([]);
    const gone = steps.filter(
      ({ at }: { readonly at: string }) => Date.parse(at) < Date.now() - 3 * 24 * 60 * 60_000,
    );
    expect(gone.filter(({ dead }: { readonly dead: number | null }) => dead !== null)).toEqual([]);
    const metrics = await call(client, 'GET', '/metrics');
    expect(metrics.text).toContain('\njackfield_events_missed_total 3\n');
    expect(after.process.errors()).toContain('events were dropped before they could be sent');

    // what comes after it arrives, and only that
    const fresh = [newEvent('open'), newEvent('click')];
    await postEvents(client, fresh);
    await act(client, late.id, 'resume');
    const [open] = fresh;
    const expected = messageIds(late.id, open === undefined ? [] : [open]);
    await until(() => expect([...sink.takenFor(late.writeKey).keys()]).toEqual(expected));
    await untilDelivery(client, late.id, { state: 'running', waiting_events: 0, missed_events: 3 });
    expect(await fatesOf(client, fresh[0] ?? opened, [late.id, keeping.id])).toEqual([
      'delivered',
      'delivered',
    ]);
  });
});

describe('retention in several processes', () => {
  it('keeps no start waiting for who reads the log, and drops a day once, with each missed event counted once', async () => {
    await using database = await createDatabase('postgres');
    const url = database.environment['DATABASE_URL'] ?? '';
    const roleKey = newRoleKey().token;
    const start = async () => await startKeeping(database, roleKey);
    const paused: string[] = [];
    let keeping = '';
    {
      await using first = await start();
      const { client } = first;
      keeping = (await createSegment(client, ['open'])).id;
      for (const events of [['open'], ['open', 'click'], ['bounce']] as const) {
        const { id } = await createSegment(client, events);
        await act(client, id, 'pause');
        paused.push(id);
        await postEvents(client, [...newEvents(3, 'open'), ...newEvents(2, 'click'), newEvent('bounce')]);
        await changeFilter(client, keeping, [events.at(-1) ?? 'open', 'spamreport']);
      }
      await untilDelivery(client, keeping, { waiting_events: 0 });
      await first.process.end('SIGTERM');
    }
    const filtersOf = async (id: string) =>
      await query(
        url,
        `select from cursor_filter f join delivery_cursor c on c.id = f.cursor_id
        where c.integration_id = '${id}'`,
      );
    expect(await filtersOf(keeping)).toHaveLength(4);
    for (const each of age) await query(url, each);
    const days = async () =>
      (await query(url, "select relname from pg_class where relname ~ '^event_[0-9]{8}$'")).length;
    const missed = async (client: ButterClient) =>
      await Promise.all(paused.map(async (id) => (await delivery(client, id)).missed_events));
    const before = await days();
    {
      await using reader = await hold(url, 'select count(*) from event');
      // those that start beside the reader drop nothing, and take events all the same
      const both = await Promise.all([start(), start()]);
      await using one = both[0];
      await using other = both[1];
      expect(await days()).toBe(before);
      await postEvents(one.client, [newEvent('spamreport')]);
      // three, two and one times what was posted since
      expect(await missed(other.client)).toEqual([9, 10, 1]);
      expect(await reader.waiters()).toBe(0);
      await untilDelivery(one.client, keeping, { waiting_events: 0, missed_events: 0 });
      await Promise.all(both.map(async ({ process }) => await process.end('SIGKILL')));
    }
    const both = await Promise.all([start(), start()]);
    await using one = both[0];
    await using other = both[1];
    await until(async () => expect(await days()).toBe(before - 1));
    expect(await missed(one.client)).toEqual([9, 10, 1]);
    expect(await missed(other.client)).toEqual([9, 10, 1]);
    // of the filters that a cursor had, the one that is in force
    await until(async () => expect(await filtersOf(keeping)).toHaveLength(1));
    const [bounce, open] = [newEvent('bounce'), newEvent('open')];
    await postEvents(one.client, [bounce, open]);
    await untilDelivery(one.client, keeping, { waiting_events: 0 });
    expect(await fatesOf(one.client, bounce, [keeping])).toEqual(['delivered']);
    expect(await fatesOf(one.client, open, [keeping])).toEqual(['filtered_out']);
  });

  it('deletes old attempts and dead letters bit by bit, not all of them or none', async () => {
    await using database = await createDatabase('postgres');
    const url = database.environment['DATABASE_URL'] ?? '';
    const roleKey = newRoleKey().token;
    {
      await using first = await startKeeping(database, roleKey);
      await first.process.end('SIGTERM');
    }
    const at = `now() - interval '10 days' + n * interval '1 millisecond' from generate_series(1, 20001) n`;
    await query(
      url,
      `insert into delivery_attempt (integration_id, organization_id, first_position, last_position,
      events, outcome, latency_ms, at) select 'intg_000000000000', 'org_kept', n, n, 1, 'delivered', 1, ${at}`,
    );
    await query(
      url,
      `insert into dead_letter (integration_id, organization_id, position, kind, sg_event_id, reason, at)
      select 'intg_000000000000', 'org_kept', n, 1, 'event-' || n, 'refused', ${at}`,
    );
    const left = async (table: string) => (await query(url, `select from ${table}`)).length;
    let starting: ReturnType<typeof startKeeping>;
    {
      await using held = await hold(
        url,
        'select from delivery_attempt where last_position = 20001 for update',
      );
      starting = startKeeping(database, roleKey);
      await until(async () => expect(await left('delivery_attempt')).toBe(1));
      expect(await held.waiters()).toBe(1);
    }
    await using started = await starting;
    expect(started.process.errors()).toBe('');
    expect([await left('delivery_attempt'), await left('dead_letter')]).toEqual([0, 0]);
  });
});
