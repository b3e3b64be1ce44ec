/** The process that stands for SendGrid: posts signed bodies, at a rate (open loop) or so many at a time (closed). */
import { createPrivateKey, createSign, type KeyObject } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { takeOrders } from './child.ts';
import { nowMs } from './clock.ts';
import { Posts } from './events.ts';
import type { GeneratorOrders, SinglePost, Target } from './orders.ts';

/** SendGrid's servers post side by side; more than this only queue. */
const connections = 64;
const dispatcher = new Agent({ connections, pipelining: 1 });
const keys = new Map<string, KeyObject>();
const bodies = new Map<number, Posts>();

function bodyOf(events: number): Buffer {
  const posts = bodies.get(events) ?? new Posts(events);
  bodies.set(events, posts);
  return posts.next();
}

/** @returns the status. */
async function post({ url, privateKey }: Target, events: number): Promise<number> {
  const key = keys.get(privateKey) ?? createPrivateKey(privateKey);
  keys.set(privateKey, key);
  const body = bodyOf(events);
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const signature = createSign('sha256').update(timestamp).update(body).sign(key, 'base64');
  const { statusCode, body: answer } = await request(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json;charset=utf-8',
      'user-agent': 'SendGrid Event API',
      'x-twilio-email-event-webhook-signature': signature,
      'x-twilio-email-event-webhook-timestamp': timestamp,
    },
    body,
    dispatcher,
  });
  await answer.dump();
  return statusCode;
}

class Tally {
  accepted = 0;
  refusedPosts = 0;
  readonly startedAtMs = nowMs();

  async add(target: Target, events: number): Promise<void> {
    const status = await post(target, events);
    if (status === 200) this.accepted += events;
    else if (status === 503) this.refusedPosts += 1;
    else throw new Error(`a post was answered ${status}`);
  }

  end(lastDueAtMs: number) {
    const { accepted, refusedPosts, startedAtMs } = this;
    return { accepted, refusedPosts, startedAtMs, lastDueAtMs, answeredAtMs: nowMs() };
  }
}

function targetOf(targets: readonly Target[], index: number): Target {
  const target = targets[index % targets.length];
  if (target === undefined) throw new Error('no target');
  return target;
}

takeOrders<GeneratorOrders>({
  open: async ({ targets, eventsPerPost, eventsPerSecond, seconds }) => {
    const everyMs = (eventsPerPost / eventsPerSecond) * 1_000;
    const posts = Math.max(1, Math.round((seconds * 1_000) / everyMs));
    const tally = new Tally();
    const underWay: Promise<void>[] = [];
    for (let index = 0; index < posts; index++) {
      const dueMs = tally.startedAtMs + index * everyMs;
      const wait = dueMs - nowMs();
      if (wait > 0.5) await pause(wait);
      underWay.push(tally.add(targetOf(targets, index), eventsPerPost));
    }
    await Promise.all(underWay);
    return tally.end(tally.startedAtMs + (posts - 1) * everyMs);
  },
  closed: async ({ targets, eventsPerPost, posts, inFlight }) => {
    const tally = new Tally();
    let next = 0;
    const caller = async () => {
      for (let index = next++; index < posts; index = next++) {
        await tally.add(targetOf(targets, index), eventsPerPost);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, caller));
    return tally.end(nowMs());
  },
  single: async ({ target, posts, pauseMs }) => {
    const done: SinglePost[] = [];
    for (let index = 0; index < posts; index++) {
      await pause(pauseMs);
      const begunAtMs = nowMs();
      await post(target, 1);
      done.push({ begunAtMs, acceptedAtMs: nowMs() });
    }
    return done;
  },
});
