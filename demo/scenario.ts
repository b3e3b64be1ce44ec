/** What happens: traffic, an outage of the destination, a bulk delete, and at the end the balance. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Api } from './api.ts';
import { balanceOf } from './balance.ts';
import { type Connected, heirOf, plans } from './integrations.ts';
import { createIntegration, deleteIntegrations } from './official-client.ts';
import { print } from './report.ts';
import { count, type Screen } from './screen.ts';
import type { Sink } from './sink.ts';
import { type Deletion, deletedStockOf, type Inheritance, stockOf } from './stock.ts';
import { Traffic } from './traffic.ts';

/** Parts of the run's time. */
const outageFrom = 0.2;
const outageTo = 0.4;
const deleteAt = 0.7;
const eventsPerSecond = 300;
/** Of each integration. The longest pause between attempts after so short an outage is far below this. */
const settleWithinMs = 60_000;

export interface Scene {
  readonly api: Api;
  readonly sink: Sink;
  readonly screen: Screen;
  readonly seconds: number;
  /** Ends everything. */
  readonly signal: AbortSignal;
}

/** @returns whether the balance is right. */
export async function play(scene: Scene): Promise<boolean> {
  const { api, sink, screen, seconds, signal } = scene;
  const traffic = new Traffic(eventsPerSecond);
  const eventsUrl = await api.requireSignatures(traffic.publicKey);
  const integrations: Connected[] = [];
  for (const plan of plans) integrations.push(await connect(sink, plan));
  screen.say(
    `${integrations.length} integrations made by @sendgrid/client; signatures of events are checked.`,
  );
  const staying = integrations.filter(({ isTakenOut }) => !isTakenOut);
  const leaving = integrations.filter(({ isTakenOut }) => isTakenOut);

  const watched = new Set(integrations);
  // where one of them fails, the others do not go on
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  const watch = watchOver(scene, { traffic, watched, signal: until });
  const posting = traffic.run(eventsUrl, AbortSignal.any([until, AbortSignal.timeout(seconds * 1_000)]));
  const acting = act({ ...scene, signal: until }, leaving, watched);
  const [deletion] = await Promise.all([acting, posting]).finally(() => over.abort());
  const inheritances = await inherit(scene, leaving);
  await settle(scene, [...staying, ...inheritances.map(({ heir }) => heir)]);
  await watch;
  screen.endProgress();
  screen.say(
    `Everything has arrived; ${count(sink.repeats)} events came again, each under its own messageId.`,
  );

  const sources = { api, sink, traffic };
  const stocks = [
    ...(await Promise.all(staying.map(async (each) => await stockOf(sources, each)))),
    ...(await Promise.all(inheritances.map(async (each) => await deletedStockOf(sources, each, deletion)))),
  ];
  const intake = { text: 'events posted and accepted', expected: traffic.sent, actual: traffic.accepted };
  return print(screen, {
    balances: stocks.map(({ books }) => balanceOf(books)),
    claims: [intake, ...stocks.flatMap(({ claims }) => claims)],
    faults: sink.faults,
  });
}

async function connect(sink: Sink, plan: (typeof plans)[number]): Promise<Connected> {
  const integration = await createIntegration(plan);
  sink.open(integration.writeKey, plan.isTakenOut);
  return integration;
}

async function act(
  { sink, screen, seconds, signal }: Scene,
  leaving: readonly Connected[],
  watched: Set<Connected>,
): Promise<Deletion> {
  const rest = async (part: number) => await pause(part * seconds * 1_000, undefined, { signal });
  await rest(outageFrom);
  await sink.down();
  screen.say(screen.paint('yellow', 'The destination is down.'));
  await rest(outageTo - outageFrom);
  await sink.up();
  screen.say(screen.paint('yellow', 'The destination is up again: what has waited comes now.'));
  await rest(deleteAt - outageTo);
  for (const each of leaving) watched.delete(each);
  const askedAt = performance.now();
  await deleteIntegrations(leaving.map(({ id }) => id));
  const answeredAt = performance.now();
  const ms = Math.ceil(answeredAt - askedAt);
  screen.say(screen.paint('yellow', `${leaving.length} integrations deleted in one request, in ${ms} ms.`));
  return { askedAt, answeredAt };
}

/** Has each deleted integration's undelivered events sent to an integration that is there for them alone. */
async function inherit(
  { api, sink, screen }: Scene,
  deleted: readonly Connected[],
): Promise<readonly Inheritance[]> {
  const inheritances: Inheritance[] = [];
  for (const each of deleted) {
    const heir = await connect(sink, heirOf(each));
    const replayed = await api.replay(heir.id, each.id);
    inheritances.push({ deleted: each, heir, replayed });
    screen.say(`${each.label}: ${count(replayed)} undelivered events go to another integration.`);
  }
  return inheritances;
}

/** @throws Error where events are still waiting after a long time */
async function settle({ api, signal }: Scene, integrations: readonly Connected[]): Promise<void> {
  for (const { id, label } of integrations) {
    const deadline = AbortSignal.timeout(settleWithinMs);
    while ((await api.delivery(id)).waiting_events > 0) {
      if (deadline.aborted) throw new Error(`${label}: events are still waiting`);
      await pause(50, undefined, { signal });
    }
  }
}

interface Watch {
  readonly traffic: Traffic;
  readonly watched: ReadonlySet<Connected>;
  readonly signal: AbortSignal;
}

async function watchOver({ api, sink, screen }: Scene, { traffic, watched, signal }: Watch): Promise<void> {
  const startedAt = performance.now();
  while (!signal.aborted) {
    const states = await Promise.all([...watched].map(async ({ id }) => await stateOf(api, id)));
    const waiting = states.reduce((sum, state) => sum + state.waiting_events, 0);
    const dead = states.reduce((sum, state) => sum + state.dead_letters, 0);
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1).padStart(5);
    const figures = `sent ${count(traffic.sent)}  arrived ${count(sink.taken)}  waiting ${count(waiting)}`;
    const state = sink.isUp ? screen.paint('green', 'up') : screen.paint('red', 'down');
    screen.progress(`${seconds} s  ${figures}  dead ${count(dead)}  destination ${state}`);
    await pause(screen.progressEveryMs, undefined, { signal }).catch(() => undefined);
  }
}

const gone = { waiting_events: 0, dead_letters: 0 };

/** One that is deleted just now has no state any more. */
async function stateOf(api: Api, id: string) {
  return await api.delivery(id).catch(() => gone);
}
