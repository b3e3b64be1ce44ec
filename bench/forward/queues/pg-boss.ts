/** pg-boss: a job an event. Fetched and completed by hundreds, which is the fastest that it offers. */
import { setTimeout as pause } from 'node:timers/promises';
import { PgBoss } from 'pg-boss';
import {
  batchEvents,
  forEachAtOnce,
  type Job,
  type Queue,
  type QueueOptions,
  requestsAtOnce,
} from './queue.ts';

const connections = 16;
/** Of requests with one event each: many enough to spare round trips, few enough to finish soon. */
const singlesFetched = 200;

export async function openPgBoss({ url, destinations, isBatched, deliver }: QueueOptions): Promise<Queue> {
  const boss = new PgBoss({ connectionString: url, max: connections });
  boss.on('error', (error) => console.error(error));
  await boss.start();
  const names = Array.from({ length: destinations }, (_, destination) => `destination-${destination}`);
  for (const name of names) await boss.createQueue(name);
  const work = async (name: string) => {
    for (;;) {
      const jobs = await boss.fetch<Job>(name, { batchSize: isBatched ? batchEvents : singlesFetched });
      const data = jobs.map((job) => job.data);
      if (jobs.length === 0) await pause(10);
      else if (isBatched) await deliver(data);
      else
        await forEachAtOnce(
          data,
          Math.ceil(requestsAtOnce / destinations),
          async (job) => await deliver([job]),
        );
      if (jobs.length > 0)
        await boss.complete(
          name,
          jobs.map((job) => job.id),
        );
    }
  };
  for (const name of names) void work(name);
  return {
    add: async (jobs) => {
      const [first] = jobs;
      if (first !== undefined)
        await boss.insert(
          names[first.destination] ?? '',
          jobs.map((data) => ({ data })),
        );
    },
  };
}
