/** The limit: no storage at all. What is taken is sent at once, and lost where the process ends. */
import {
  batchEvents,
  forEachAtOnce,
  type Job,
  type Queue,
  type QueueOptions,
  requestsAtOnce,
} from './queue.ts';

export async function openBare({ destinations, isBatched, deliver }: QueueOptions): Promise<Queue> {
  const waiting = Array.from({ length: destinations }, () => new Array<Job>());
  const running = new Set<number>();
  const send = async (destination: number) => {
    const jobs = waiting[destination] ?? [];
    running.add(destination);
    while (jobs.length > 0) {
      if (isBatched) await deliver(jobs.splice(0, batchEvents));
      else {
        const some = jobs.splice(0, batchEvents);
        await forEachAtOnce(
          some,
          Math.ceil(requestsAtOnce / destinations),
          async (job) => await deliver([job]),
        );
      }
    }
    running.delete(destination);
  };
  return {
    add: async (jobs) => {
      for (const job of jobs) waiting[job.destination]?.push(job);
      for (const { destination } of jobs.slice(0, 1)) if (!running.has(destination)) void send(destination);
    },
  };
}
