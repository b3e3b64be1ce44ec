/**
 * The process of every side that is not Jackfield: takes the same signed posts, checks and reads them in the same way,
 * gives them to a queue, and sends what comes out of it in the same form to the same sink.
 */
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { Agent, request } from 'undici';
import { eventOfKind } from '../../src/core/email-event.ts';
import { readWebhookPost } from '../../src/core/webhook-post.ts';
import { isSigned, parsePublicKey } from '../../src/core/webhook-signature.ts';
import { toTrack } from '../../src/providers/segment/track.ts';
import { takeOrders } from './child.ts';
import type { QueueServerOrders } from './queue-side.ts';
import { openBare } from './queues/bare.ts';
import type { Job, Queue, QueueOptions } from './queues/queue.ts';

const openings: Readonly<Record<string, (options: QueueOptions) => Promise<Queue>>> = {
  'bare loop': openBare,
  'pg-boss': async (options) => await (await import('./queues/pg-boss.ts')).openPgBoss(options),
  'graphile-worker': async (options) =>
    await (await import('./queues/graphile-worker.ts')).openGraphileWorker(options),
  BullMQ: async (options) => await (await import('./queues/bullmq.ts')).openBullMq(options),
};

const dispatcher = new Agent({ connections: 64, pipelining: 1 });

async function deliver(sinkUrl: string, writeKeys: readonly string[], jobs: readonly Job[]): Promise<void> {
  const [first] = jobs;
  if (first === undefined) return;
  const tracks = jobs.flatMap(({ destination, event: { kind, sgEventId, payload } }) => {
    const event = eventOfKind(kind);
    if (event === undefined) return [];
    const track = toTrack(`intg_${destination}`, { event, sgEventId, payload });
    return track.kind === 'track' ? [track.json] : [];
  });
  const credentials = Buffer.from(`${writeKeys[first.destination]}:`).toString('base64');
  const { statusCode, body } = await request(`${sinkUrl}/v1/batch`, {
    method: 'POST',
    headers: { authorization: `Basic ${credentials}`, 'content-type': 'application/json' },
    body: `{"batch":[${tracks.join()}],"sentAt":"${new Date().toISOString()}"}`,
    dispatcher,
  });
  await body.dump();
  if (statusCode !== 200) throw new Error(`the sink answered ${statusCode}`);
}

takeOrders<QueueServerOrders>({
  start: async ({ library, publicKey, sinkUrl, writeKeys, ...options }) => {
    const key = parsePublicKey(publicKey);
    const queue = await openings[library]?.({
      ...options,
      destinations: writeKeys.length,
      deliver: async (jobs) => await deliver(sinkUrl, writeKeys, jobs),
    });
    if (key === undefined || queue === undefined) throw new Error(`unusable: ${library}`);
    const server = createServer((incoming, response) => {
      const accept = async () => {
        const body = await buffer(incoming);
        const signature = String(incoming.headers['x-twilio-email-event-webhook-signature']);
        const timestamp = String(incoming.headers['x-twilio-email-event-webhook-timestamp']);
        if (!isSigned(key, { signature, timestamp, body })) throw new Error('not signed');
        const destination = Number(incoming.url?.slice(1));
        const { events = [] } = readWebhookPost(body, 'src_bench') ?? {};
        await queue.add(events.map((event) => ({ destination, event })));
      };
      accept().then(
        () => response.end('{}'),
        (error: unknown) => {
          console.error(error);
          response.writeHead(500).end();
        },
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('listens nowhere');
    return `http://127.0.0.1:${address.port}`;
  },
});
