/** /api/changes: a stream of server-sent events that tells what to read anew (contract: butter, section 7). */
import { PassThrough } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ChangeTopic } from '../../core/change.ts';
import { AppError } from '../../core/errors.ts';
import type { RoleCaller } from '../../core/principal.ts';
import type { Changes } from '../../services/changes.ts';
import { resource } from '../resource.ts';
import { callerOf } from './authenticate.ts';
import type { ButterContext } from './context.ts';

/** A proxy closes a connection that is silent for longer, and a key that has expired is noticed by then. */
const heartbeatMs = 15_000;
/** A client that reads nothing is not waited for. */
const mostUnreadBytes = 64 * 1024;

const retryAfterSeconds = 15;
/** Too many looked at once: whether it may go on is not known yet. */
const lookAgainAfterMs = 1_000;

export function registerChanges(app: FastifyInstance, { changes, authenticate }: ButterContext): void {
  const authorize = authenticate('integrations:read');
  resource(app, '/changes', {
    GET: {
      authorize: [authorize],
      handler: async (request, reply) => {
        reply.type('text/event-stream; charset=utf-8').header('cache-control', 'no-store');
        if (request.method === 'HEAD') return await reply.send('');
        // looked at again as it was looked at first, whatever the caller came with
        const lookAgain = async () => {
          // the hook's type leaves open whether it answers with a promise; it does
          await Promise.resolve(authorize.call(app, request, reply, () => undefined));
        };
        // for the case that there are too many streams already
        reply.header('retry-after', retryAfterSeconds);
        const stream = open(changes, callerOf(request), { request, reply, lookAgain });
        return await reply.removeHeader('retry-after').send(stream);
      },
    },
  });
  // the server closes only when no connection is in use
  app.addHook('preClose', async () => changes.close());
}

interface Connection {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly lookAgain: () => Promise<void>;
}

function open(changes: Changes, caller: RoleCaller, { request, reply, lookAgain }: Connection): PassThrough {
  const stream = new PassThrough();
  const write = (text: string) => {
    if (stream.writableEnded || stream.destroyed) return;
    stream.write(text);
    if (stream.writableLength + reply.raw.writableLength > mostUnreadBytes) stream.destroy();
  };
  let soon: NodeJS.Timeout | undefined;
  const look = () => {
    lookAgain().then(
      () => write(': still here\n\n'),
      (error: unknown) => {
        if (stream.writableEnded || stream.destroyed) return;
        // a database that is away for a moment says nothing of the key
        if (!(error instanceof AppError) || error.failure.code === 'rate_limited') {
          clearTimeout(soon);
          soon = setTimeout(look, lookAgainAfterMs);
          return;
        }
        request.log.debug({ err: error }, 'a stream of changes was ended');
        stream.end();
      },
    );
  };
  const unwatch = changes.watch(caller.organization.id, {
    tell: (topics) => write(topics.map(toEvent).join('')),
    lookAgain: look,
    end: () => stream.end(),
  });
  const heartbeat = setInterval(look, heartbeatMs);
  const close = () => {
    clearInterval(heartbeat);
    clearTimeout(soon);
    unwatch();
  };
  stream.once('close', close);
  // so that a stream whose client has gone ends, whoever notices first
  reply.raw.once('close', () => stream.destroy());
  write(': changes of this organization follow\n\n');
  return stream;
}

function toEvent(topic: ChangeTopic): string {
  return `event: ${topic}\ndata: {}\n\n`;
}
