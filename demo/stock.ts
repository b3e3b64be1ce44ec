/** Takes stock: for every integration, what was generated, what its destination has, and what Jackfield says. */
import type { Api } from './api.ts';
import type { Books, Claim } from './balance.ts';
import type { DemoEvent } from './events.ts';
import type { Connected } from './integrations.ts';
import type { Sink } from './sink.ts';
import type { Post, Traffic } from './traffic.ts';

/** Arrival and answer are noticed on one thread, in whatever order they come to it. */
const toleranceMs = 250;

export interface Deletion {
  /** By performance.now(). */
  readonly askedAt: number;
  readonly answeredAt: number;
}

/** An integration that was deleted, and the one to which its undelivered events were sent instead. */
export interface Inheritance {
  readonly deleted: Connected;
  readonly heir: Connected;
  readonly replayed: number;
}

export interface Stock {
  readonly books: Books;
  readonly claims: readonly Claim[];
}

interface Sources {
  readonly api: Api;
  readonly sink: Sink;
  readonly traffic: Traffic;
}

/** Of one that is still there. */
export async function stockOf({ api, sink, traffic }: Sources, integration: Connected): Promise<Stock> {
  const { id, label, writeKey } = integration;
  const events = traffic.posts.flatMap((post) => post.events);
  const inbox = sink.inbox(writeKey);
  const dead = await api.deadLetters(id);
  const state = await api.delivery(id);
  const refused = wantedOf(integration, events).filter(({ isRefused }) => isRefused);
  const books = {
    ...toBooks(integration, events),
    delivered: new Set(inbox.taken.keys()),
    dead: new Set(dead),
    undelivered: new Set<string>(),
  };
  const claims = [
    { text: `${label}: waiting at the end`, expected: 0, actual: state.waiting_events },
    { text: `${label}: dead letters as counted`, expected: refused.length, actual: state.dead_letters },
    {
      text: `${label}: dead letters that were not refused, or the reverse`,
      expected: 0,
      actual: books.dead.symmetricDifference(inbox.refused).size,
    },
  ];
  return { books, claims };
}

/** Of one that was deleted. What it had not got is what its heir got, and what the audit log says. */
export async function deletedStockOf(
  { api, sink, traffic }: Sources,
  { deleted, heir, replayed }: Inheritance,
  deletion: Deletion,
): Promise<Stock> {
  const { id, label, writeKey } = deleted;
  const before = await postsBefore(
    traffic.posts,
    deletion,
    async (eventId) => await api.reached(eventId, id),
  );
  const events = before.flatMap((post) => post.events);
  const inbox = sink.inbox(writeKey);
  const undelivered = new Set([
    ...sink.inbox(heir.writeKey).taken.keys(),
    ...(await api.deadLetters(heir.id)),
  ]);
  const audited = await api.undeliveredAtDelete(id);
  const tail = tailOf(wantedOf(deleted, events), audited);
  const late = inbox.lastRequestAt > deletion.answeredAt + toleranceMs;
  return {
    books: {
      ...toBooks(deleted, events),
      delivered: new Set(inbox.taken.keys()),
      // they have gone with the integration, and count as undelivered
      dead: new Set(),
      undelivered,
    },
    claims: [
      { text: `${label}: undelivered as audited and as replayed`, expected: audited, actual: replayed },
      {
        text: `${label}: events that the audit log's figure names and the heir has not, or the reverse`,
        expected: 0,
        actual: tail.symmetricDifference(undelivered).size,
      },
      { text: `${label}: requests that began after the delete's answer`, expected: 0, actual: Number(late) },
    ],
  };
}

/**
 * Which events a number of undelivered ones stands for: the log is in order, so it is the last ones, together with
 * every refused one, which is undelivered wherever it stands.
 */
export function tailOf(wanted: readonly DemoEvent[], undelivered: number): ReadonlySet<string> {
  const refused = wanted.filter(({ isRefused }) => isRefused);
  const others = wanted.filter(({ isRefused }) => !isRefused);
  const from = Math.max(0, others.length - (undelivered - refused.length));
  return new Set([...refused, ...others.slice(from)].map(({ id }) => id));
}

/** Of posts that were on their way while the delete was, `reached` tells by one event: a post is taken as a whole. */
export async function postsBefore(
  posts: readonly Post[],
  { askedAt, answeredAt }: Deletion,
  reached: (eventId: string) => Promise<boolean>,
): Promise<readonly Post[]> {
  const before: Post[] = [];
  for (const post of posts) {
    const isSure = post.acceptedAt < askedAt;
    if (isSure || (post.sentAt < answeredAt && (await reached(post.events[0]?.id ?? '')))) before.push(post);
  }
  return before;
}

function toBooks(integration: Connected, events: readonly DemoEvent[]) {
  const accepted = new Set(events.map(({ id }) => id));
  const wanted = new Set(wantedOf(integration, events).map(({ id }) => id));
  return { label: integration.label, accepted, filtered: accepted.difference(wanted) };
}

function wantedOf({ events: kinds }: Connected, events: readonly DemoEvent[]): readonly DemoEvent[] {
  return events.filter(({ kind }) => kind !== undefined && kinds.includes(kind));
}
