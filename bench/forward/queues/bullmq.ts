/** BullMQ on a Redis that syncs every command to the disk: a job an event. It hands out one by one. */
import { Queue as BullQueue, Worker } from 'bullmq';
import { type Job, type Queue, type QueueOptions, requestsAtOnce } from './queue.ts';

export async function openBullMq({ url, deliver }: QueueOptions): Promise<Queue> {
  const { hostname: host, port } = new URL(url);
  const connection = { host, port: Number(port), maxRetriesPerRequest: null };
  const queue = new BullQueue('deliver', { connection });
  const worker = new Worker('deliver', async ({ data }) => await deliver([data as Job]), {
    connection,
    concurrency: requestsAtOnce,
  });
  worker.on('error', (error) => console.error(error));
  await worker.waitUntilReady();
  const opts = { removeOnComplete: true };
  return {
    add: async (jobs) => void (await queue.addBulk(jobs.map((data) => ({ name: 'deliver', data, opts })))),
  };
}
