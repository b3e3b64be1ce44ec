/** The HTTP server around the surfaces: limits, request ids, the request log, and errors that no route sees. */

import { METHODS, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import rateLimit from '@fastify/rate-limit';
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  LogController,
} from 'fastify';
import { AppError } from '../core/errors.ts';
import { newRequestId } from '../core/ids.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { AnswerPage } from './dashboard.ts';
import { failureOf, parserFailureOf } from './failure.ts';
import { type Surface, surfaceOf } from './surface.ts';

/** 1,000 integration ids in the longest form are 28 KB; Node's default of 16 KiB would cut them off. */
const maxHeaderBytes = 128 * 1024;
const maxUrlBytes = 64 * 1024;
const maxBodyBytes = 1024 * 1024;
/** A client that takes longer to send one request is holding a socket, not sending. */
const requestTimeoutMs = 60_000;
const rateLimitBuckets = 100_000;

/** A request id from outside is kept when it cannot forge anything in a log or header. */
const requestIdForm = /^[A-Za-z0-9_.-]{1,100}$/;

export interface ServerOptions {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly surfaces: readonly [Surface, ...Surface[]];
  /** Answers what belongs to no surface, if it is a page. */
  readonly answerPage: AnswerPage;
}

export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const { logger, metrics, surfaces, answerPage } = options;
  const loggerInstance: FastifyBaseLogger = logger;
  const app = fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: (request) => keepRequestId(request.headers['x-request-id']) ?? newRequestId(),
    bodyLimit: maxBodyBytes,
    requestTimeout: requestTimeoutMs,
    // what still arrives on an open connection while the server closes is answered like everything else
    return503OnClosing: false,
    // without a Host header Node would answer by itself, outside of every surface
    http: { maxHeaderSize: maxHeaderBytes, requireHostHeader: false },
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: maxHeaderBytes },
    frameworkErrors: (error, request, reply) => {
      // no hook runs on this path: the request has no route
      setCommonHeaders(request, reply);
      answerFailure(error, { request, reply, surface: surfaceOf(request.url, surfaces) });
      noteAnswer(request, reply, metrics);
    },
    clientErrorHandler: (error, socket) => answerParserError(error, socket, { surfaces, logger }),
  });
  for (const method of METHODS) if (!app.supportedMethods.includes(method)) app.addHttpMethod(method);
  // an unknown Expect may be ignored (RFC 9110, 10.1.1); Node would answer 417 outside of every surface
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  // Fastify's encapsulation stops at the plugin: the limiter is shared, each surface counts for itself
  await app.register(rateLimit, { global: false, cache: rateLimitBuckets });
  app.decorateRequest('rateLimitBucket', '');
  app.decorateRequest('rateLimitMax', 0);
  app.addHook('onRequest', async (request, reply) => {
    setCommonHeaders(request, reply);
  });
  app.addHook('onSend', async (_request, reply) => {
    // answered while stopping: a connection kept alive by its client would hold the process up
    if (!app.server.listening) reply.header('connection', 'close');
  });
  app.addHook('onResponse', async (request, reply) => noteAnswer(request, reply, metrics));
  for (const { prefix, plugin } of surfaces) await app.register(plugin, { prefix });
  app.setNotFoundHandler(
    async (request, reply) =>
      await (answerPage(request, reply) ?? reply.code(404).send({ error: 'not found' })),
  );
  return app;
}

function setCommonHeaders(request: FastifyRequest, reply: FastifyReply): void {
  reply.header('x-request-id', request.id);
  reply.header('x-content-type-options', 'nosniff');
}

/** What every surface refuses before anything else. @throws AppError uri_too_long, malformed_request */
export function requireServable(request: FastifyRequest): void {
  if (request.url.length > maxUrlBytes) throw new AppError({ code: 'uri_too_long' });
  const { httpVersionMajor, httpVersionMinor } = request.raw;
  const needsHost = httpVersionMajor === 1 && httpVersionMinor >= 1;
  if (needsHost && request.headers.host === undefined) throw new AppError({ code: 'malformed_request' });
}

export interface FailureContext {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly surface: Pick<Surface, 'renderFailure'>;
}

/** Answers an error in the surface's form. What is our own fault goes to the log, and nothing of it to the client. */
export function answerFailure(error: unknown, { request, reply, surface }: FailureContext): void {
  const failure = failureOf(error);
  if (failure.code === 'internal') request.log.error({ err: error }, 'request failed');
  const { status, body } = surface.renderFailure(failure);
  void reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(body));
}

function keepRequestId(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && requestIdForm.test(header) ? header : undefined;
}

function noteAnswer(request: FastifyRequest, reply: FastifyReply, metrics: Metrics): void {
  const route = request.routeOptions.url;
  const { method } = request;
  const { statusCode: status, elapsedTime: ms } = reply;
  metrics.requestAnswered({ method, route, status, seconds: ms / 1_000 });
  // reads that went well are the bulk and the least interesting
  const level = status < 400 && (method === 'GET' || method === 'HEAD') ? 'debug' : 'info';
  // the pattern, not the URL: a URL may carry what a client put there by mistake
  request.log[level]({ method, route, status, ms: Math.round(ms * 10) / 10 }, 'answered');
}

/** Answers what Node could not parse: there is no request object, only a socket. */
function answerParserError(
  error: Error & { readonly rawPacket?: unknown },
  socket: Socket,
  { surfaces, logger }: Pick<ServerOptions, 'surfaces' | 'logger'>,
): void {
  if (!socket.writable || ('code' in error && error.code === 'ECONNRESET')) {
    socket.destroy();
    return;
  }
  const path = /^[A-Z]+ (\/\S*)/.exec(packetText(error.rawPacket))?.[1] ?? '';
  const { status, body } = surfaceOf(path, surfaces).renderFailure(parserFailureOf(error));
  const text = JSON.stringify(body);
  const requestId = newRequestId();
  logger.info({ requestId, status }, 'answered what is not HTTP');
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/json; charset=utf-8\r\n` +
      `x-content-type-options: nosniff\r\ncontent-length: ${Buffer.byteLength(text)}\r\nx-request-id: ${requestId}\r\nconnection: close\r\n\r\n${text}`,
  );
}

/** The bytes that Node was parsing when it gave up; its types describe them wrongly. */
function packetText(packet: unknown): string {
  return Buffer.isBuffer(packet) ? packet.toString('latin1') : '';
}
