/**
 * What stands in for Segment where it behaves badly: sockets below HTTP, so that an answer can be anything. What a
 * request is answered with depends on its write key.
 */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { z } from 'zod';

export interface SinkRequest {
  readonly writeKey: string;
  readonly path: string;
  /** What was in it, in its order: each event's sg_message_id, which tests set to its sg_event_id. */
  readonly events: readonly { readonly id: string; readonly messageId: string }[];
  /** When its first byte came, by performance.now(). */
  readonly beganAt: number;
  /** When its connection ended; undefined: it has not. */
  closedAt: number | undefined;
  /** The status it was answered with; undefined: none yet. */
  status: number | undefined;
}

export interface Exchange {
  readonly request: SinkRequest;
  readonly socket: Socket;
  /** How many requests came with this write key before. */
  readonly nth: number;
}

export type Conduct = (exchange: Exchange) => void;

/** Answers as a server should. */
export const answer =
  (status: number, headers: Readonly<Record<string, string>> = {}): Conduct =>
  ({ request, socket }) => {
    request.status = status;
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const length = status === 204 ? '' : 'content-length: 2\r\n';
    socket.write(`HTTP/1.1 ${status} Answer\r\n${lines.join('')}${length}\r\n${status === 204 ? '' : '{}'}`);
  };

/** Writes what it is given, and counts as answered with the status. */
export const raw =
  (text: string, status?: number): Conduct =>
  ({ request, socket }) => {
    request.status = status;
    socket.write(text, 'latin1');
  };

/** Takes the request and says nothing. */
export const silent: Conduct = () => undefined;

/** Behaves like that for the first few requests, and well afterwards. */
export const atFirst =
  (conduct: Conduct, times = 2): Conduct =>
  (exchange) =>
    (exchange.nth < times ? conduct : answer(200))(exchange);

const batch = z.object({
  batch: z.array(z.object({ messageId: z.string(), properties: z.object({ email_id: z.string() }) })),
});

export class HostileSink implements AsyncDisposable {
  readonly url: string;
  /** By write key; the others are answered with 200. */
  readonly conducts = new Map<string, Conduct>();
  readonly requests: SinkRequest[] = [];
  /** While true nothing is read of what connects. */
  deaf = false;
  connections = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #byKey = new Map<string, SinkRequest[]>();

  private constructor(server: Server, url: string) {
    this.#server = server;
    this.url = url;
    server.on('connection', (socket) => this.#serve(socket));
  }

  static async start(port = 0): Promise<HostileSink> {
    const server = createServer({ allowHalfOpen: true }).listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the sink listens nowhere');
    return new HostileSink(server, `http://127.0.0.1:${address.port}`);
  }

  requestsFor(writeKey: string): readonly SinkRequest[] {
    return this.#byKey.get(writeKey) ?? [];
  }

  /**
   * The ids of what it took with a 2xx, in the order of arrival; what came again is named again.
   * @param from how many of the write key's requests are left out.
   */
  taken(writeKey: string, from = 0): readonly string[] {
    return this.requestsFor(writeKey)
      .slice(from)
      .filter(({ status = 0 }) => status >= 200 && status < 300)
      .flatMap(({ events }) => events.map(({ id }) => id));
  }

  /** Resets every connection. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }

  #serve(socket: Socket): void {
    this.connections += 1;
    this.#sockets.add(socket);
    let bytes = Buffer.alloc(0);
    let beganAt: number | undefined;
    let open: SinkRequest | undefined;
    const end = () => {
      if (open !== undefined) open.closedAt ??= performance.now();
    };
    socket.on('error', end);
    socket.on('close', () => {
      end();
      this.#sockets.delete(socket);
    });
    if (this.deaf) return void socket.pause();
    // the other side has gone: nobody reads what this one still has to say
    socket.on('end', () => {
      end();
      socket.destroy();
    });
    socket.on('data', (chunk: Buffer) => {
      beganAt ??= performance.now();
      bytes = Buffer.concat([bytes, chunk]);
      const request = readRequest(bytes, beganAt);
      if (request === undefined) return;
      [open, bytes, beganAt] = [request, Buffer.alloc(0), undefined];
      this.requests.push(request);
      const known = this.#byKey.get(request.writeKey) ?? [];
      this.#byKey.set(request.writeKey, known);
      const nth = known.push(request) - 1;
      (this.conducts.get(request.writeKey) ?? answer(200))({ request, socket, nth });
    });
  }
}

/** One request, whole; undefined: there is more to come. Clients here wait for one answer before the next request. */
function readRequest(bytes: Buffer, beganAt: number): SinkRequest | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const head = bytes.toString('latin1', 0, headEnd);
  const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
  const body = bytes.subarray(headEnd + 4);
  if (body.length < length) return undefined;
  const credentials = /^authorization: Basic (\S+)$/im.exec(head)?.[1] ?? '';
  const parsed = batch.parse(JSON.parse(body.toString('utf8')));
  return {
    writeKey: Buffer.from(credentials, 'base64').toString('utf8').slice(0, -1),
    path: head.split(' ')[1] ?? '',
    events: parsed.batch.map(({ messageId, properties }) => ({ id: properties.email_id, messageId })),
    beganAt,
    closedAt: undefined,
    status: undefined,
  };
}
