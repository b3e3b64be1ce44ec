/** As much of the queues as the bench uses: their own declarations are there only once their packages are. */
declare module 'pg-boss' {
  export class PgBoss {
    constructor(options: { readonly connectionString: string; readonly max: number });
    on(event: 'error', listener: (error: Error) => void): void;
    start(): Promise<unknown>;
    createQueue(name: string, options?: { readonly partition?: boolean }): Promise<void>;
    insert(name: string, jobs: readonly { readonly data: object }[]): Promise<unknown>;
    fetch<T>(
      name: string,
      options: { readonly batchSize: number },
    ): Promise<readonly { readonly id: string; readonly data: T }[]>;
    complete(name: string, ids: readonly string[]): Promise<unknown>;
  }
}

declare module 'graphile-worker' {
  interface Options {
    readonly preset: {
      readonly worker: {
        readonly connectionString: string;
        readonly maxPoolSize: number;
        readonly concurrentJobs: number;
        readonly completeJobBatchDelay: number;
        readonly failJobBatchDelay: number;
        readonly localQueue: { readonly size: number };
        readonly logger: unknown;
      };
    };
    readonly taskList: Readonly<Record<string, (payload: unknown) => Promise<void>>>;
    readonly noHandleSignals: boolean;
  }
  export const Logger: new (factory: () => () => void) => object;
  export function run(options: Options): Promise<unknown>;
  export function makeWorkerUtils(options: { readonly connectionString: string }): Promise<{
    addJobs(jobs: readonly { readonly identifier: string; readonly payload: unknown }[]): Promise<unknown>;
  }>;
}

declare module 'bullmq' {
  interface Connection {
    readonly connection: {
      readonly host: string;
      readonly port: number;
      readonly maxRetriesPerRequest: null;
    };
  }
  export class Queue {
    constructor(name: string, options: Connection);
    addBulk(
      jobs: readonly {
        readonly name: string;
        readonly data: unknown;
        readonly opts: { readonly removeOnComplete: boolean };
      }[],
    ): Promise<unknown>;
  }
  export class Worker {
    constructor(
      name: string,
      work: (job: { readonly data: unknown }) => Promise<void>,
      options: Connection & { readonly concurrency: number },
    );
    on(event: 'error', listener: (error: Error) => void): void;
    waitUntilReady(): Promise<unknown>;
  }
}
