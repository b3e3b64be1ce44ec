/** Jackfield alone, under loads that differ in one thing: their ratios say what that thing costs. */

import { query } from '../../test/support/sql.ts';
import { createPostgres } from '../database.ts';
import { median } from '../measure.ts';
import type { Servers } from './compare.ts';
import { type JackfieldSide, startJackfield } from './jackfield-side.ts';
import type { Plan } from './plan.ts';
import { type Burst, burst, type Subject } from './sustained.ts';

let databases = 0;

interface Shape {
  readonly organizations: number;
  /** Of each. */
  readonly destinations: number;
}

async function start(
  servers: Servers,
  shape: Shape,
): Promise<Subject & AsyncDisposable & { readonly side: JackfieldSide; readonly databaseUrl: string }> {
  const { bench, postgres } = servers;
  const database = await createPostgres(postgres.url, `load_${++databases}`);
  const side = await startJackfield(bench, { database, ...shape });
  return {
    bench,
    side,
    databasePid: postgres.pid,
    databaseUrl: database.url,
    [Symbol.asyncDispose]: async () => await side[Symbol.asyncDispose](),
  };
}

interface Quantiles {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** To the first byte at the sink. */
export interface Idle {
  /** From the first byte of a post with one event: signature and commit are in between. */
  readonly fromPost: Quantiles;
  /** From the moment at which the poster knows it accepted. */
  readonly fromAnswer: Quantiles;
}

export async function measureIdle(servers: Servers, { idlePosts }: Plan): Promise<Idle> {
  await using subject = await start(servers, { organizations: 1, destinations: 1 });
  const [target] = subject.side.targets;
  if (target === undefined) throw new Error('no target');
  const { sink, generator } = servers.bench;
  await burst(subject, { eventsPerPost: 1, copies: 1 }, 50);
  await sink.order('reset', undefined);
  const posted = await generator.order('single', { target, posts: idlePosts, pauseMs: 30 });
  const { firstBytesAtMs } = await sink.order('reach', { events: idlePosts, withinMs: 10_000 });
  const since = (moments: readonly number[]) =>
    quantiles(moments.map((at, index) => (firstBytesAtMs[index] ?? Number.NaN) - at));
  return {
    fromPost: since(posted.map(({ begunAtMs }) => begunAtMs)),
    fromAnswer: since(posted.map(({ acceptedAtMs }) => acceptedAtMs)),
  };
}

function quantiles(values: readonly number[]): Quantiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return { p50Ms: at(0.5) ?? Number.NaN, p99Ms: at(0.99) ?? Number.NaN };
}

export interface SizedBurst extends Burst {
  readonly eventsInLog: number;
}

/** The same burst with more and more events in the log of the same organization. */
export async function measureSizes(servers: Servers, plan: Plan): Promise<readonly SizedBurst[]> {
  await using subject = await start(servers, { organizations: 1, destinations: 1 });
  const load = { eventsPerPost: 1_000, copies: 1 };
  await burst(subject, load, plan.batched / 4);
  const results = [];
  for (const eventsInLog of plan.sizes) {
    await fill(subject.databaseUrl, eventsInLog);
    results.push({ eventsInLog, ...(await burst(subject, load, plan.batched)) });
  }
  return results;
}

const kind = 5;

/** Events that everybody has got already, written past Jackfield until there are so many. */
async function fill(databaseUrl: string, events: number): Promise<void> {
  const run = async (text: string) => await query(databaseUrl, text);
  const [head] = await run('select organization_id, position from event_head order by position desc limit 1');
  const from = Number(head?.['position']);
  if (from >= events) return;
  const id = String(head?.['organization_id']);
  const totals = `totals[${kind + 1}] + ${events - from}`;
  await run(`
    with moved as (
      update event_head set position = ${events}, totals[${kind + 1}] = ${totals} where organization_id = '${id}'
    ), settled as (
      update delivery_cursor set position = ${events}, totals[${kind + 1}] = ${totals} where organization_id = '${id}'
    )
    insert into event (organization_id, position, kind, accepted_at, sg_event_id, payload)
    select '${id}', n, ${kind}, clock_timestamp(), md5(n::text), '{"filler":"' || repeat(md5(n::text), 12) || '"}'
    from generate_series(${from + 1}, ${events}) n`);
  await run('vacuum analyze event');
  await run('checkpoint');
}

export interface Ratio {
  readonly name: string;
  /** The median over the pairs of the first one's rate by the other one's. */
  readonly ratio: number;
}

/** One organization whose two destinations get all events, and many small ones with as many requests in all. */
export async function measureHotOrganization(servers: Servers, plan: Plan): Promise<Ratio> {
  await using hot = await start(servers, { organizations: 1, destinations: 2 });
  await using small = await start(servers, { organizations: plan.smallOrganizations, destinations: 2 });
  const load = { eventsPerPost: 500, copies: 2 };
  const name = `one hot organization, by ${plan.smallOrganizations} small ones`;
  return {
    name,
    ratio: await pairs(plan, async () => [await rate(hot, load, plan), await rate(small, load, plan)]),
  };
}

/** The same nine, while a tenth hangs with events that it does not take, and while it has none. */
export async function measureHanging(servers: Servers, plan: Plan): Promise<Ratio> {
  await using subject = await start(servers, { organizations: 10, destinations: 1 });
  const { sink, generator } = servers.bench;
  const [hanging, ...healthy] = subject.side.targets;
  if (hanging === undefined) throw new Error('no target');
  const load = { eventsPerPost: 500, copies: 1, targets: healthy };
  const ratio = await pairs(plan, async () => {
    await sink.order('hang', []);
    await burst(subject, { ...load, targets: [hanging] }, 500);
    const without = await rate(subject, load, plan);
    await sink.order('hang', subject.side.writeKeys.slice(0, 1));
    await generator.order('closed', { targets: [hanging], eventsPerPost: 500, posts: 4, inFlight: 1 });
    const beside = await rate(subject, load, plan);
    await sink.order('hang', []);
    // what it had not taken must not come while others are measured
    await sink.order('reach', { events: plan.batched + 2_000, withinMs: 30_000 });
    return [beside, without];
  });
  return { name: '9 healthy destinations beside a hanging one, by the same without it', ratio };
}

export async function measureManyDestinations(servers: Servers, plan: Plan): Promise<Ratio> {
  await using few = await start(servers, { organizations: 10, destinations: 1 });
  await using many = await start(servers, { organizations: plan.manyDestinations, destinations: 1 });
  const load = { eventsPerPost: 50, copies: 1 };
  const name = `time for as many events to ${plan.manyDestinations} destinations, by that to 10`;
  return {
    name,
    ratio: await pairs(plan, async () => [await rate(few, load, plan), await rate(many, load, plan)]),
  };
}

async function rate(subject: Subject, load: Parameters<typeof burst>[1], plan: Plan): Promise<number> {
  return (await burst(subject, load, plan.batched)).perSecond;
}

/** After one that warms up. */
async function pairs(plan: Plan, measure: () => Promise<readonly [number, number]>): Promise<number> {
  const ratios = [];
  for (let pair = 0; pair <= plan.pairs; pair++) {
    const [one, other] = await measure();
    if (pair > 0) ratios.push(one / other);
  }
  return median(ratios);
}
