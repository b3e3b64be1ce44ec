/**
 * The destination: an HTTP server that takes batches as Segment does, and remembers for every write key what it took.
 * It takes a batch when it has read it, before it answers: whoever is cut off meanwhile does not know, and comes again.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { refusedDomain } from './events.ts';

const slowMs = 150;

const trackForm = z.looseObject({
  type: z.literal('track'),
  messageId: z.string().min(1).max(100),
  anonymousId: z.string().regex(/^[0-9a-f]{64}$/),
  timestamp: z.iso.datetime(),
  properties: z.looseObject({ categories: z.array(z.string()).min(1) }),
  context: z.looseObject({ traits: z.looseObject({ email: z.string() }) }),
});
const batchForm = z.object({ batch: z.array(trackForm).min(1).max(2_500), sentAt: z.iso.datetime() });

type Batch = z.output<typeof batchForm>['batch'];

/** What one write key has seen. */
export class Inbox {
  /** Event id → the message id that it always has to come with. */
  readonly taken = new Map<string, string>();
  /** Ids of events that were refused by themselves. */
  readonly refused = new Set<string>();
  readonly isSlow: boolean;
  /** By performance.now(). */
  lastRequestAt = 0;

  constructor(isSlow: boolean) {
    this.isSlow = isSlow;
  }
}

export class Sink implements AsyncDisposable {
  /** What should not have come, in words. */
  readonly faults: string[] = [];
  /** How many events came again. */
  repeats = 0;
  taken = 0;
  requests = 0;
  readonly #inboxes = new Map<string, Inbox>();
  /** Segment drops a message id that it knows, wherever it comes to: each is for one inbox alone. */
  readonly #messages = new Map<string, Inbox>();
  readonly #server: Server;
  #port = 0;

  constructor() {
    this.#server = createServer((request, response) => {
      // whoever is cut off while sending has sent nothing
      this.#receive(request, response).catch(() => response.destroy());
    });
  }

  get isUp(): boolean {
    return this.#server.listening;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** The first time on a free port, then always on that one. */
  async up(): Promise<void> {
    await once(this.#server.listen(this.#port, '127.0.0.1'), 'listening');
    const address = this.#server.address();
    if (address !== null && typeof address !== 'string') this.#port = address.port;
  }

  /** Refuses connections, and cuts those off that there are. */
  async down(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  open(writeKey: string, isSlow: boolean): void {
    this.#inboxes.set(writeKey, new Inbox(isSlow));
  }

  inbox(writeKey: string): Inbox {
    const inbox = this.#inboxes.get(writeKey);
    if (inbox === undefined) throw new Error('nobody has this write key');
    return inbox;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isUp) await this.down();
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const receivedAt = performance.now();
    this.requests += 1;
    const inbox = this.#authenticate(request);
    if (inbox === undefined || request.url !== '/v1/batch') {
      this.faults.push('a request without a known write key, or to another path');
      response.writeHead(401).end();
      return;
    }
    inbox.lastRequestAt = receivedAt;
    const parsed = batchForm.safeParse(JSON.parse(await text(request)));
    if (!parsed.success) {
      this.faults.push(`a batch of another form: ${z.prettifyError(parsed.error)}`);
      response.writeHead(400).end();
      return;
    }
    const { batch } = parsed.data;
    if (batch.some(({ context }) => context.traits.email.endsWith(`@${refusedDomain}`))) {
      if (batch.length === 1) for (const track of batch) inbox.refused.add(idOf(track));
      response.writeHead(400).end('{"success":false}');
      return;
    }
    this.#take(inbox, batch);
    if (inbox.isSlow) await pause(slowMs);
    response.end('{"success":true}');
  }

  #authenticate({ headers: { authorization = '' } }: IncomingMessage): Inbox | undefined {
    const [, encoded = ''] = /^Basic (\S+)$/.exec(authorization) ?? [];
    const [, writeKey = ''] = /^(.+):$/.exec(Buffer.from(encoded, 'base64').toString()) ?? [];
    return this.#inboxes.get(writeKey);
  }

  #take(inbox: Inbox, batch: Batch): void {
    for (const track of batch) {
      const id = idOf(track);
      const before = inbox.taken.get(id);
      if (before === undefined) this.taken += 1;
      else this.repeats += 1;
      if (before !== undefined && before !== track.messageId) {
        this.faults.push(`event ${id} came again under another messageId`);
      }
      const owner = this.#messages.get(track.messageId) ?? inbox;
      if (owner !== inbox || (before === undefined && this.#messages.has(track.messageId))) {
        this.faults.push(`messageId ${track.messageId} came for two events or two integrations`);
      }
      inbox.taken.set(id, track.messageId);
      this.#messages.set(track.messageId, inbox);
    }
  }
}

function idOf({ properties }: Batch[number]): string {
  return properties.categories.at(-1) ?? '';
}
