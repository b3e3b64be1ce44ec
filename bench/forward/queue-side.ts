/** A side that is not Jackfield: its process, and where its events are posted. */
import { startChild } from './child.ts';
import type { Bench, Side } from './side.ts';

export type QueueServerOrders = {
  readonly start: {
    readonly input: {
      readonly library: string;
      readonly isBatched: boolean;
      readonly url: string;
      readonly publicKey: string;
      readonly sinkUrl: string;
      readonly writeKeys: readonly string[];
    };
    readonly output: string;
  };
};

export interface QueueSideOptions {
  readonly library: 'bare loop' | 'pg-boss' | 'graphile-worker' | 'BullMQ';
  readonly isBatched: boolean;
  /** Of the database that it keeps its jobs in. */
  readonly url: string;
  readonly destinations: number;
}

export async function startQueueSide(bench: Bench, options: QueueSideOptions): Promise<Side> {
  const { library, destinations } = options;
  const { publicKey, privateKey } = bench.signingKey;
  const writeKeys = Array.from({ length: destinations }, (_, index) => `wk-${index}`);
  const child = startChild<QueueServerOrders>('./queue-server.ts');
  const url = await child.order('start', { ...options, publicKey, sinkUrl: bench.sinkUrl, writeKeys });
  return {
    name: library,
    targets: writeKeys.map((_, index) => ({ url: `${url}/${index}`, privateKey })),
    pid: child.pid,
    memory: async () => await child.memory(),
    [Symbol.asyncDispose]: async () => await child[Symbol.asyncDispose](),
  };
}
