/**
 * The highest rate that a side keeps up with: offered in an open loop, whatever the side does, and held where every
 * event was at the sink within a second after the last post was due.
 */
import type { Memory } from '../machine.ts';
import { cpuMs, familyCpuMs } from './cpu.ts';
import type { Target } from './orders.ts';
import type { Bench, Side } from './side.ts';

const mostLagMs = 1_000;
/** Between two rates that are nearer than this nothing is looked for. */
const resolution = 1.08;
const drainWithinMs = 120_000;

export interface Subject {
  readonly bench: Bench;
  readonly side: Side;
  /** The process of the database that the side keeps its events in; undefined: none. */
  readonly databasePid: number | undefined;
}

export interface Load {
  readonly eventsPerPost: number;
  /** How many destinations get each event. */
  readonly copies: number;
  /** Instead of all of the side's. */
  readonly targets?: readonly Target[];
}

export interface Window {
  readonly offered: number;
  readonly lagMs: number;
  readonly isHeld: boolean;
  /** Events at the sink per second, from the first post to the last event. */
  readonly delivered: number;
  readonly memory: Memory;
}

/** One window at one rate; what is left over is waited for. */
export async function offer(
  { bench, side }: Subject,
  { eventsPerPost, copies, targets = side.targets }: Load,
  rate: { readonly eventsPerSecond: number; readonly seconds: number },
): Promise<Window> {
  await bench.sink.order('reset', undefined);
  const posted = await bench.generator.order('open', { targets, eventsPerPost, ...rate });
  const report = await drain(bench, posted.accepted * copies);
  const lagMs = report.lastAtMs - posted.lastDueAtMs;
  const isHeld = posted.refusedPosts === 0 && lagMs < mostLagMs;
  const delivered = (posted.accepted / (report.lastAtMs - posted.startedAtMs)) * 1_000;
  const answer = isHeld ? 'held' : `not held (${posted.refusedPosts} posts refused)`;
  tell(`${side.name}: ${Math.round(rate.eventsPerSecond)} events/s ${answer}, lag ${Math.round(lagMs)} ms`);
  return { offered: rate.eventsPerSecond, lagMs, isHeld, delivered, memory: await side.memory() };
}

export interface Burst {
  /** From the first post to the last event at the sink. */
  readonly perSecond: number;
  readonly sideMicroseconds: number;
  readonly databaseMicroseconds: number;
}

/** Closed loop: so many events as fast as they are taken. Times are processor time for one event. */
export async function burst(subject: Subject, load: Load, events: number): Promise<Burst> {
  const { bench, side } = subject;
  const { eventsPerPost, copies, targets = side.targets } = load;
  await bench.sink.order('reset', undefined);
  const posts = Math.ceil(events / eventsPerPost);
  const before = await times(subject);
  const posted = await bench.generator.order('closed', { targets, eventsPerPost, posts, inFlight: 4 });
  const report = await drain(bench, posted.accepted * copies);
  const after = await times(subject);
  const perEvent = (ms: number) => (ms * 1_000) / posted.accepted;
  const result = {
    perSecond: (posted.accepted / (report.lastAtMs - posted.startedAtMs)) * 1_000,
    sideMicroseconds: perEvent(after.side - before.side),
    databaseMicroseconds: perEvent(after.database - before.database),
  };
  tell(`${side.name}: ${Math.round(result.perSecond)} events/s in a burst of ${posted.accepted}`);
  return result;
}

async function times({ side, databasePid }: Subject) {
  const database = databasePid === undefined ? 0 : await familyCpuMs(databasePid);
  return { side: await cpuMs(side.pid), database };
}

export interface Search {
  readonly windowSeconds: number;
  /** At most so many are tried. */
  readonly windows: number;
}

/** From a rate upwards while it holds, downwards while it does not, and then between the two. */
export async function findSustained(
  subject: Subject,
  load: Load,
  { windowSeconds, windows, from }: Search & { readonly from: number },
): Promise<Window | undefined> {
  let rate = from;
  let held: Window | undefined;
  let failedAt = Number.POSITIVE_INFINITY;
  for (let count = 0; count < windows && failedAt / (held?.offered ?? 1) > resolution; count++) {
    const window = await offer(subject, load, { eventsPerSecond: rate, seconds: windowSeconds });
    if (window.isHeld) held = window;
    else failedAt = rate;
    if (held === undefined) rate = Math.min(rate * 0.8, window.delivered);
    else rate = failedAt === Number.POSITIVE_INFINITY ? rate * 1.3 : (held.offered + failedAt) / 2;
  }
  return held;
}

/** Holds a rate for long, or a lower one. @returns undefined where even half of it is too much. */
export async function sustain(
  subject: Subject,
  load: Load,
  rate: { readonly eventsPerSecond: number; readonly seconds: number },
): Promise<Window | undefined> {
  for (const share of [1, 0.85, 0.7]) {
    const window = await offer(subject, load, { ...rate, eventsPerSecond: rate.eventsPerSecond * share });
    if (window.isHeld) return window;
  }
  return undefined;
}

/** @throws where events are missing */
async function drain(bench: Bench, events: number) {
  const report = await bench.sink.order('reach', { events, withinMs: drainWithinMs });
  if (report.events < events) throw new Error(`${events - report.events} of ${events} events are missing`);
  return report;
}

export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
