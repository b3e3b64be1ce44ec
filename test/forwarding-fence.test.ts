import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { butterCall } from './support/butter.ts';
import { act, createSegment, deliveryOf, newEventIds, postEvents, until } from './support/forwarding.ts';
import { answer, type Conduct, type HostileSink, silent } from './support/hostile-sink.ts';
import { call } from './support/http.ts';
import { endSessions } from './support/sql.ts';
import { type Worker, Workers } from './support/workers.ts';

/** The test notices an arrival and an answer on one thread, in whatever order they come to it. */
const toleranceMs = 250;
const names = Array.from({ length: 12 }, (_, index) => `write-key-of-${index}-fenced`);

/** Refuses everything but single events, each time after a moment: its worker goes on without asking its database. */
const oneByOne: Conduct = (exchange) =>
  void setTimeout(() => answer(exchange.request.events.length > 1 ? 413 : 200)(exchange), 40);

interface Fenced {
  readonly id: string;
  readonly writeKey: string;
  answeredAt: number;
}

/**
 * Two workers with a request under way for each integration. `alone`: the first one holds them all, the other came
 * later.
 */
async function holdAll(
  workers: Workers,
  { conduct, alone }: { readonly conduct: Conduct; readonly alone: boolean },
): Promise<{ readonly holder: Worker; readonly other: Worker; readonly fenced: readonly Fenced[] }> {
  const holder = await workers.start();
  const fenced: Fenced[] = [];
  for (const writeKey of names) {
    workers.sink.conducts.set(writeKey, conduct);
    fenced.push({ id: await createSegment(holder, { writeKey }), writeKey, answeredAt: 0 });
  }
  const early = alone ? undefined : await workers.start();
  await postEvents(holder, newEventIds('fenced', 12));
  await until(() => {
    for (const { writeKey } of fenced) expect(workers.sink.requestsFor(writeKey).length).toBeGreaterThan(0);
  });
  return { holder, other: early ?? (await workers.start()), fenced };
}

async function remove(worker: Worker, fenced: readonly Fenced[]): Promise<void> {
  const [first, second, ...others] = fenced;
  const ids = others.map(({ id }) => id);
  const requests = [
    async () => await butterCall(worker, 'DELETE', `/api/integrations/${first?.id}`),
    async () =>
      await call(worker, 'DELETE', `/v3/marketing/integrations?ids=${second?.id}`, { key: worker.key }),
    async () =>
      await butterCall(worker, 'POST', '/api/integrations/bulk-delete', { json: { integration_ids: ids } }),
  ];
  await Promise.all(
    requests.map(async (request, index) => {
      const { status, text } = await request();
      const answeredAt = performance.now();
      if (status !== 200 && status !== 204) throw new Error(`not deleted: ${status} ${text}`);
      for (const [at, each] of fenced.entries()) if (Math.min(at, 2) === index) each.answeredAt = answeredAt;
    }),
  );
}

function beganLate(sink: HostileSink, fenced: readonly Fenced[]): readonly number[] {
  return fenced
    .flatMap(({ writeKey, answeredAt }) =>
      sink.requestsFor(writeKey).map(({ beganAt }) => beganAt - answeredAt),
    )
    .filter((afterMs) => afterMs > toleranceMs);
}

/** Whatever a worker still had in mind has come by the time that events went through it several times. */
async function goThrough(sink: HostileSink, worker: Worker): Promise<void> {
  await createSegment(worker, { writeKey: 'witness' });
  for (const id of newEventIds('through', 5)) {
    await postEvents(worker, [id]);
    await until(() => expect(sink.taken('witness')).toContain(id));
  }
}

describe('a worker that holds cursors', { timeout: 180_000 }, () => {
  it('begins nothing after a delete was answered while it was frozen', async () => {
    await using workers = await Workers.prepare();
    const { sink } = workers;
    const gate = Promise.withResolvers<void>();
    const { holder, other, fenced } = await holdAll(workers, {
      conduct: (exchange) => void gate.promise.then(() => answer(413)(exchange)),
      alone: true,
    });
    holder.process.child.kill('SIGSTOP');
    // it will find answers that ask for more requests at once
    gate.resolve();
    await remove(other, fenced);
    holder.process.child.kill('SIGCONT');
    await goThrough(sink, holder);
    expect(beganLate(sink, fenced)).toEqual([]);
    for (const { writeKey } of fenced) expect(sink.requestsFor(writeKey)).toHaveLength(1);
  });

  it('begins nothing after a delete that it could not hear of, and ends what is on the wire', async () => {
    await using workers = await Workers.prepare();
    const { sink, databaseUrl } = workers;
    const { other, fenced } = await holdAll(workers, { conduct: silent, alone: true });
    await endSessions(databaseUrl, 'jackfield-listen');
    // it let go of everything, and took it up again without hearing
    await until(() => {
      for (const { writeKey } of fenced) expect(sink.requestsFor(writeKey).length).toBeGreaterThan(1);
    });
    await remove(other, fenced);
    await until(() => {
      for (const { writeKey } of fenced) expect(sink.requestsFor(writeKey).at(-1)?.closedAt).toBeDefined();
    });
    await goThrough(sink, other);
    expect(beganLate(sink, fenced)).toEqual([]);
    for (const { writeKey, answeredAt } of fenced) {
      for (const { closedAt = Infinity } of sink.requestsFor(writeKey)) {
        expect(closedAt - answeredAt).toBeLessThan(1_000);
      }
    }
  });

  it('begins nothing after a pause was answered, by itself or by another worker, and all of it after the resume', async () => {
    await using workers = await Workers.prepare();
    const { sink } = workers;
    const { holder, other, fenced } = await holdAll(workers, { conduct: oneByOne, alone: false });
    await Promise.all(
      fenced.map(async (each, index) => {
        await act(index % 2 === 0 ? holder : other, `/api/integrations/${each.id}/pause`);
        each.answeredAt = performance.now();
      }),
    );
    await goThrough(sink, holder);
    await goThrough(sink, other);
    expect(beganLate(sink, fenced)).toEqual([]);
    const unfinished = fenced.filter(({ writeKey }) => sink.taken(writeKey).length < 12);
    expect(unfinished).not.toEqual([]);
    for (const { id } of fenced) await act(other, `/api/integrations/${id}/resume`);
    await until(async () => {
      for (const { id } of fenced)
        expect(await deliveryOf(other, id)).toMatchObject({ state: 'running', waiting_events: 0 });
    });
    for (const { writeKey } of fenced) {
      expect([...new Set(sink.taken(writeKey))]).toEqual(
        expect.arrayContaining([...newEventIds('fenced', 12)]),
      );
    }
  });

  it('has no write key in its memory any more once the delete is answered', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'jackfield-heap-'));
    await using cleanup = new AsyncDisposableStack();
    cleanup.defer(async () => await rm(folder, { recursive: true, force: true }));
    await using workers = await Workers.prepare({
      NODE_OPTIONS: `--heapsnapshot-signal=SIGUSR2 --diagnostic-dir=${folder}`,
    });
    const { sink } = workers;
    const { holder, other, fenced } = await holdAll(workers, { conduct: silent, alone: true });
    const both = [holder, other];
    const heaps = async () => {
      const before = (await readdir(folder)).length;
      for (const { process } of both) process.child.kill('SIGUSR2');
      await until(async () => expect(await readdir(folder)).toHaveLength(before + 2));
      return await Promise.all(both.map(async ({ process }) => await heapOf(folder, process.child.pid ?? 0)));
    };
    const seen = (heap: string) => fenced.filter(({ writeKey }) => heap.includes(writeKey)).length;
    // the search does find keys that are in use
    const [holding = ''] = await heaps();
    expect(seen(holding)).toBeGreaterThan(0);
    await remove(other, fenced);
    await until(() => {
      for (const { writeKey } of fenced) expect(sink.requestsFor(writeKey).at(-1)?.closedAt).toBeDefined();
    });
    // what was aborted ends within moments; a key that anything kept would be in every later heap too
    await until(async () => expect((await heaps()).map(seen)).toEqual([0, 0]));
  });
});

/** The newest heap snapshot of a process, once it is whole. */
async function heapOf(folder: string, pid: number): Promise<string> {
  let text = '';
  await until(async () => {
    const files = (await readdir(folder)).filter((file) => file.includes(`.${pid}.`)).toSorted();
    text = await readFile(join(folder, files.at(-1) ?? ''), 'utf8');
    expect(text.trimEnd().endsWith(']}')).toBe(true);
  });
  return text;
}
