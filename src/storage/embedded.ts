/**
 * The embedded database as a pool of one connection, in the shape that Kysely's PostgreSQL dialect takes: so the
 * embedded store has no code path of its own above this file.
 */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import { lockDataFolder } from './embedded-lock.ts';
import type {
  EmbeddedErrorFields,
  EmbeddedReply,
  EmbeddedRequest,
  EmbeddedResult,
} from './embedded-protocol.ts';

/** PGlite has no background processes: nothing else would refresh the planner's figures or reclaim dead rows. */
const maintenanceIntervalMs = 10 * 60_000;

/**
 * Longer than any statement takes. A database that does not answer by then never will (after a write that failed for
 * want of space it may hang): its thread is ended, and with it the process.
 */
const statementDeadlineMs = 120_000;

export interface EmbeddedOptions {
  readonly dataDir: string;
  /** Off only in tests: without it a power cut may lose what was answered or damage the folder. */
  readonly durable: boolean;
  /** The database's thread ended by itself; nothing can be stored any more. */
  readonly onCrash: (error: Error) => void;
  readonly onMaintenanceError: (error: Error) => void;
}

/** A failed statement, with PostgreSQL's error fields. */
class EmbeddedDatabaseError extends Error {
  readonly code: string | undefined;
  readonly constraint: string | undefined;
  readonly table: string | undefined;

  constructor(fields: EmbeddedErrorFields) {
    super(fields.message);
    this.name = 'EmbeddedDatabaseError';
    this.code = fields.code;
    this.constraint = fields.constraint;
    this.table = fields.table;
  }
}

type DistributiveOmit<T, K extends string> = T extends unknown ? Omit<T, K> : never;

export class EmbeddedPool implements PostgresPool {
  readonly options = {};
  readonly #worker: Worker;
  readonly #lock: Disposable;
  readonly #onMaintenanceError: (error: Error) => void;
  readonly #pending = new Map<number, PromiseWithResolvers<EmbeddedResult>>();
  readonly #maintenance: NodeJS.Timeout;
  #lastId = 0;
  #crash: Error | undefined;
  #ending = false;
  /** Resolves when the connection is free again; callers queue on it in order. */
  #free: Promise<void> = Promise.resolve();

  private constructor(worker: Worker, lock: Disposable, onMaintenanceError: (error: Error) => void) {
    this.#onMaintenanceError = onMaintenanceError;
    this.#worker = worker;
    this.#lock = lock;
    worker.on('message', (reply: EmbeddedReply) => this.#settle(reply));
    this.#maintenance = setInterval(() => void this.#maintain(), maintenanceIntervalMs).unref();
  }

  /** @throws DataFolderInUseError, or whatever keeps the database from opening. */
  static async open(options: EmbeddedOptions): Promise<EmbeddedPool> {
    const lock = lockDataFolder(options.dataDir);
    const workerData = { dataDir: join(options.dataDir, 'db'), durable: options.durable };
    const worker = new Worker(new URL('./embedded-worker.ts', import.meta.url), { workerData });
    const ready = Promise.withResolvers<void>();
    worker.on('message', (reply: EmbeddedReply) => {
      if (reply.kind === 'ready') ready.resolve();
      if (reply.kind === 'failed')
        ready.reject(new Error(`The embedded database did not open: ${reply.message}`));
    });
    worker.on('error', ready.reject);
    try {
      await ready.promise;
    } catch (error) {
      await worker.terminate();
      lock[Symbol.dispose]();
      throw error;
    }
    const pool = new EmbeddedPool(worker, lock, options.onMaintenanceError);
    worker.on('error', (error) => pool.#crashed(asError(error), options.onCrash));
    worker.on('exit', () => pool.#crashed(new Error('the embedded database has ended'), options.onCrash));
    return pool;
  }

  async connect(): Promise<PostgresPoolClient> {
    const before = this.#free;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#free = promise;
    await before;
    // the cast: Kysely's client type also describes cursors, which are not configured
    return { query: this.#query, release: () => resolve() } as PostgresPoolClient;
  }

  /** Waits for the statements under way, then closes the database and gives up the folder. */
  async end(): Promise<void> {
    clearInterval(this.#maintenance);
    await this.#free;
    this.#ending = true;
    if (this.#crash === undefined) await this.#ask({ kind: 'close' });
    await this.#worker.terminate();
    this.#lock[Symbol.dispose]();
  }

  readonly #query = async <R>(
    sql: string,
    parameters?: readonly unknown[],
  ): Promise<PostgresQueryResult<R>> =>
    // the rows' type is the caller's claim, as with every SQL driver
    (await this.#ask({ kind: 'query', sql, parameters })) as unknown as PostgresQueryResult<R>;

  #ask(request: DistributiveOmit<EmbeddedRequest, 'id'>): Promise<EmbeddedResult> {
    if (this.#crash !== undefined) return Promise.reject(this.#crash);
    const id = ++this.#lastId;
    const answer = Promise.withResolvers<EmbeddedResult>();
    this.#pending.set(id, answer);
    const overdue = setTimeout(() => void this.#worker.terminate(), statementDeadlineMs);
    this.#worker.postMessage({ ...request, id });
    return answer.promise.finally(() => clearTimeout(overdue));
  }

  #settle(reply: EmbeddedReply): void {
    if (reply.kind === 'ready' || reply.kind === 'failed') return;
    const answer = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (reply.kind === 'result') answer?.resolve(reply);
    else answer?.reject(new EmbeddedDatabaseError(reply.error));
  }

  #crashed(error: Error, onCrash: (error: Error) => void): void {
    if (this.#crash !== undefined || this.#ending) return;
    this.#crash = error;
    for (const answer of this.#pending.values()) answer.reject(error);
    this.#pending.clear();
    onCrash(error);
  }

  async #maintain(): Promise<void> {
    const client = await this.connect();
    try {
      await client.query('vacuum analyze', []);
    } catch (error) {
      this.#onMaintenanceError(asError(error));
    } finally {
      client.release();
    }
  }
}

function asError(value: unknown): Error {
  return value instanceof Error ? value : new Error(String(value));
}
