/** What stands in for Segment: an HTTP server on loopback that keeps every request, and what it took of them. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

const trackForm = z.looseObject({
  type: z.string(),
  event: z.string(),
  anonymousId: z.string(),
  messageId: z.string(),
  timestamp: z.string(),
  properties: z.record(z.string(), z.unknown()),
  context: z.record(z.string(), z.unknown()),
});
const batchForm = z.object({ batch: z.array(trackForm), sentAt: z.string() });

export type Track = z.output<typeof trackForm>;

export interface SinkRequest {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** From the Basic authorization. */
  readonly writeKey: string;
  readonly batch: readonly Track[];
  readonly sentAt: string;
  readonly bytes: number;
  /** By performance.now(), when its head was there. */
  readonly arrivedAt: number;
  /** Undefined: not answered yet, or cut off. */
  status: number | undefined;
}

/** Answers a request whose body was read; the sink counts its events as taken where the status is 2xx. */
export type SinkAnswer = (response: ServerResponse, request: SinkRequest) => void;

export const sinkStatus =
  (status: number, headers: Readonly<Record<string, string>> = {}): SinkAnswer =>
  (response) =>
    void response.writeHead(status, headers).end('{"success":false}');

const take: SinkAnswer = (response) => void response.end('{"success":true}');

export class SegmentSink implements AsyncDisposable {
  readonly url: string;
  /** How to answer for a write key; the others are answered with 200. */
  readonly answers = new Map<string, SinkAnswer>();
  readonly requests: SinkRequest[] = [];
  readonly #server: Server;
  readonly #taken = new Map<string, Map<string, Track[]>>();

  private constructor(server: Server, url: string) {
    this.#server = server;
    this.url = url;
    server.on('request', (request, response) => {
      // whoever is cut off while sending has sent nothing
      this.#receive(request, response).catch(() => response.destroy());
    });
  }

  static async start(port = 0): Promise<SegmentSink> {
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the server listens nowhere');
    return new SegmentSink(server, `http://127.0.0.1:${address.port}`);
  }

  /** The settings of an app that takes it for Segment. */
  get environment(): Readonly<Record<string, string>> {
    return { JACKFIELD_SEGMENT_US_URL: this.url, JACKFIELD_SEGMENT_EU_URL: this.url };
  }

  requestsFor(writeKey: string): readonly SinkRequest[] {
    return this.requests.filter((request) => request.writeKey === writeKey);
  }

  /** What was taken for a write key: message id → every time it came. */
  takenFor(writeKey: string): ReadonlyMap<string, readonly Track[]> {
    return this.#taken.get(writeKey) ?? new Map();
  }

  /** What was taken for a write key, each message once, in the order of the first time. */
  tracksFor(writeKey: string): readonly Track[] {
    return [...this.takenFor(writeKey).values()].flatMap((tracks) => tracks.slice(0, 1));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #receive(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const arrivedAt = performance.now();
    const body = await text(incoming);
    const { url: path = '', headers } = incoming;
    const [writeKey = ''] = Buffer.from(headers.authorization?.slice('Basic '.length) ?? '', 'base64')
      .toString()
      .split(':');
    const { batch, sentAt } = batchForm.parse(JSON.parse(body));
    const bytes = Buffer.byteLength(body);
    const request: SinkRequest = {
      path,
      headers,
      writeKey,
      batch,
      sentAt,
      bytes,
      arrivedAt,
      status: undefined,
    };
    this.requests.push(request);
    response.once('finish', () => {
      request.status = response.statusCode;
      if (response.statusCode >= 200 && response.statusCode < 300) this.#take(request);
    });
    (this.answers.get(writeKey) ?? take)(response, request);
  }

  #take({ writeKey, batch }: SinkRequest): void {
    const taken = this.#taken.get(writeKey) ?? new Map<string, Track[]>();
    this.#taken.set(writeKey, taken);
    for (const track of batch) {
      const known = taken.get(track.messageId);
      if (known === undefined) taken.set(track.messageId, [track]);
      else known.push(track);
    }
  }
}
