/**
 * The embedded PostgreSQL (PGlite) in a thread of its own. PGlite computes synchronously: on the main thread its
 * queries would hold up sockets and timers.
 *
 * Durability: PGlite starts with fsync off, and the node file system below it has no fsync at all, so turning it on
 * in PostgreSQL alone changes nothing. Here both are mended: what is answered survives a power cut.
 */
import { existsSync, fsyncSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';
import { z } from 'zod';
import type { EmbeddedReply, EmbeddedRequest } from './embedded-protocol.ts';
import { syncPath, syncTree } from './sync-folder.ts';

const data = z.object({ dataDir: z.string(), durable: z.boolean() }).parse(workerData);

/** The part of an Emscripten stream and of the module that is needed to add the missing fsync. */
interface NodeFileSystem {
  readonly NODEFS: { readonly stream_ops: { fsync?: (stream: { readonly nfd: number }) => number } };
}

class SyncingNodeFS extends NodeFS {
  override async init(...[pg, options]: Parameters<NodeFS['init']>): ReturnType<NodeFS['init']> {
    const result = await super.init(pg, options);
    result.emscriptenOpts.preRun?.unshift((module: unknown) => {
      // Emscripten's module type does not list the file systems; the shape is held by the durability test
      (module as NodeFileSystem).NODEFS.stream_ops.fsync = (stream) => {
        fsyncSync(stream.nfd);
        return 0;
      };
    });
    return result;
  }
}

async function open(): Promise<PGlite> {
  if (!data.durable) return await PGlite.create(data.dataDir);
  const isNew = !existsSync(join(data.dataDir, 'PG_VERSION'));
  const startParams = [
    ...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
    '-c',
    'fsync=on',
    '-c',
    'wal_sync_method=fsync',
    // the system's file cache is behind it anyway, and this is memory of the process
    '-c',
    'shared_buffers=16MB',
    // the planner's figures are minutes old: a table that was empty then would be read whole, and sorted, for each slice
    '-c',
    'enable_seqscan=off',
    '-c',
    'enable_bitmapscan=off',
    '-c',
    'jit=off',
  ];
  const db = await PGlite.create({ fs: new SyncingNodeFS(data.dataDir), startParams });
  // the program that lays out a new folder does not sync; nothing has been answered from it yet
  if (isNew) {
    syncTree(data.dataDir);
    syncPath(dirname(data.dataDir));
  }
  return db;
}

const port = parentPort;
if (port === null) throw new Error('embedded-worker.ts runs only as a worker thread');

const send = (reply: EmbeddedReply) => port.postMessage(reply);
const opening = open();
opening.then(
  () => send({ kind: 'ready' }),
  (error: unknown) =>
    send({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }),
);

port.on('message', (request: EmbeddedRequest) => {
  void answer(request).then(send);
});

async function answer(request: EmbeddedRequest): Promise<EmbeddedReply> {
  try {
    const db = await opening;
    return { kind: 'result', id: request.id, ...(await run(db, request)) };
  } catch (error) {
    return { kind: 'error', id: request.id, error: describe(error) };
  }
}

async function run(db: PGlite, request: EmbeddedRequest) {
  if (request.kind === 'close') {
    await db.close();
    return { command: 'CLOSE', rows: [], rowCount: 0 };
  }
  if (request.parameters === undefined) {
    await db.exec(request.sql);
    return { command: 'EXEC', rows: [], rowCount: 0 };
  }
  const { rows, affectedRows, command } = await db.query(request.sql, [...request.parameters]);
  return { command: command?.split(' ')[0] ?? '', rows, rowCount: affectedRows ?? rows.length };
}

/** Errors cross the thread as plain data: PostgreSQL's fields that the stores look at, and the message. */
function describe(error: unknown) {
  const text = (name: string) => {
    const value: unknown = error instanceof Error ? Reflect.get(error, name) : undefined;
    return typeof value === 'string' ? value : undefined;
  };
  return {
    message: text('message') ?? String(error),
    code: text('code'),
    constraint: text('constraint'),
    table: text('table'),
  };
}
