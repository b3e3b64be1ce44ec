/**
 * The process that stands for Segment. It speaks as little HTTP as it can, so that what is measured is who sends:
 * counts the events of every request and answers 200.
 */
import { createServer, type Socket } from 'node:net';
import { takeOrders } from './child.ts';
import { nowMs } from './clock.ts';
import type { SinkOrders, SinkReport } from './orders.ts';

const answer = Buffer.from(
  'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 16\r\n\r\n{"success":true}',
);
const headEnd = Buffer.from('\r\n\r\n');
/** Every track call has one. */
const marker = Buffer.from('"messageId":');
/** First bytes are kept only while somebody measures with few requests. */
const mostFirstBytes = 100_000;

let report = emptyReport();
const hanging = new Set<string>();
let awaited: { readonly events: number; readonly reached: () => void } | undefined;

function emptyReport() {
  return {
    events: 0,
    requests: 0,
    lastAtMs: 0,
    firstBytesAtMs: new Array<number>(),
    byKey: new Map<string, number>(),
  };
}

interface Incoming {
  readonly key: string;
  missing: number;
  readonly chunks: Buffer[];
}

const server = createServer((socket) => {
  let head: Buffer = Buffer.alloc(0);
  let body: Incoming | undefined;
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (data: Buffer) => {
    for (let rest = data; rest.length > 0; ) {
      if (body === undefined) {
        if (head.length === 0 && report.firstBytesAtMs.length < mostFirstBytes)
          report.firstBytesAtMs.push(nowMs());
        head = head.length === 0 ? rest : Buffer.concat([head, rest]);
        const end = head.indexOf(headEnd);
        if (end === -1) return;
        body = parseHead(head.toString('latin1', 0, end));
        rest = head.subarray(end + headEnd.length);
        head = Buffer.alloc(0);
      }
      const part = rest.subarray(0, body.missing);
      body.chunks.push(part);
      body.missing -= part.length;
      rest = rest.subarray(part.length);
      if (body.missing > 0) return;
      take(socket, body);
      body = undefined;
    }
  });
});

function parseHead(head: string): Incoming {
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  const credentials = /^authorization: *Basic (\S+)/im.exec(head)?.[1];
  if (length === undefined || credentials === undefined) throw new Error(`unexpected request\n${head}`);
  return { key: credentials, missing: Number(length), chunks: [] };
}

function take(socket: Socket, { key, chunks }: Incoming): void {
  if (hanging.has(key)) return;
  const [first] = chunks;
  const events = count(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks));
  report.events += events;
  report.requests += 1;
  report.lastAtMs = nowMs();
  report.byKey.set(key, (report.byKey.get(key) ?? 0) + events);
  socket.write(answer);
  if (awaited !== undefined && report.events >= awaited.events) awaited.reached();
}

function count(body: Buffer): number {
  let events = 0;
  for (let at = body.indexOf(marker); at !== -1; at = body.indexOf(marker, at + marker.length)) events += 1;
  return events;
}

function read(): SinkReport {
  return report;
}

takeOrders<SinkOrders>({
  listen: async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the sink listens nowhere');
    return `http://127.0.0.1:${address.port}`;
  },
  reset: () => {
    report = emptyReport();
  },
  read,
  hang: (keys) => {
    hanging.clear();
    for (const key of keys) hanging.add(Buffer.from(`${key}:`).toString('base64'));
  },
  reach: async ({ events, withinMs }) => {
    if (report.events < events) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, withinMs);
      awaited = { events, reached: resolve };
      await promise;
      clearTimeout(timer);
      awaited = undefined;
    }
    return read();
  },
});
