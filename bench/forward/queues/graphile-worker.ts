/** graphile-worker: a job an event, with its local queue and its batched completion turned on. It hands out one by one. */
import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import { type Job, type Queue, type QueueOptions, requestsAtOnce } from './queue.ts';

export async function openGraphileWorker({ url, deliver }: QueueOptions): Promise<Queue> {
  await run({
    preset: {
      worker: {
        connectionString: url,
        maxPoolSize: 16,
        concurrentJobs: requestsAtOnce,
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
        localQueue: { size: 500 },
        logger: new Logger(() => () => undefined),
      },
    },
    taskList: { deliver: async (payload) => await deliver([payload as Job]) },
    noHandleSignals: true,
  });
  const utils = await makeWorkerUtils({ connectionString: url });
  return {
    add: async (jobs) =>
      void (await utils.addJobs(jobs.map((payload) => ({ identifier: 'deliver', payload })))),
  };
}
