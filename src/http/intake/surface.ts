/** /events: where SendGrid's Event Webhook posts (contract: events, section 1). It looks at the status only. */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError, type ErrorCode, errorMeanings, type Failure } from '../../core/errors.ts';
import type { IntakeService } from '../../services/intake.ts';
import type { WireError } from '../failure.ts';
import { resource } from '../resource.ts';
import { answerFailure, requireServable } from '../server.ts';
import type { Surface } from '../surface.ts';

const mostBodyBytes = 8 * 1024 * 1024;
const retryAfterSeconds = '5';

const statuses: Partial<Readonly<Record<ErrorCode, number>>> = {
  invalid_request: 400,
  malformed_request: 400,
  signature_missing: 401,
  signature_invalid: 403,
  event_source_not_found: 404,
  route_not_found: 404,
  method_not_allowed: 405,
  request_timeout: 408,
  payload_too_large: 413,
  uri_too_long: 414,
  unsupported_media_type: 415,
  headers_too_large: 431,
  overloaded: 503,
};

export function renderFailure({ code }: Failure): WireError {
  return { status: statuses[code] ?? 500, body: { error: code, message: errorMeanings[code] } };
}

const unzip = promisify(gunzip);
const parameters = z.object({ source: z.string() });

export function intakeSurface(intake: IntakeService): Surface {
  const surface = { prefix: '/events', renderFailure };
  return { ...surface, plugin: async (app) => await register(app, intake, surface) };
}

async function register(
  app: FastifyInstance,
  intake: IntakeService,
  surface: Pick<Surface, 'renderFailure'>,
): Promise<void> {
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof AppError && error.failure.code === 'overloaded') {
      reply.header('retry-after', retryAfterSeconds);
    }
    answerFailure(error, { request, reply, surface });
  });
  app.setNotFoundHandler(async () => {
    throw new AppError({ code: 'route_not_found' });
  });
  app.addHook('onRequest', async (request) => requireServable(request));
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: mostBodyBytes }, (_request, body, done) =>
    done(null, body),
  );
  resource(app, '/sendgrid/:source', {
    POST: {
      authorize: [],
      handler: async (request) =>
        await intake.accept({
          sourceId: parameters.parse(request.params).source,
          body: await bodyOf(request),
          signature: headerOf(request, 'x-twilio-email-event-webhook-signature'),
          timestamp: headerOf(request, 'x-twilio-email-event-webhook-timestamp'),
        }),
    },
  });
}

/** @throws AppError payload_too_large, invalid_request, unsupported_media_type */
async function bodyOf(request: FastifyRequest): Promise<Uint8Array> {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const encoding = headerOf(request, 'content-encoding') ?? 'identity';
  if (encoding === 'identity') return body;
  if (encoding !== 'gzip') throw new AppError({ code: 'unsupported_media_type' });
  try {
    return await unzip(body, { maxOutputLength: mostBodyBytes });
  } catch (error) {
    const isTooLarge = error instanceof Error && Reflect.get(error, 'code') === 'ERR_BUFFER_TOO_LARGE';
    if (isTooLarge) throw new AppError({ code: 'payload_too_large' }, { cause: error });
    const message = 'the body is not gzip';
    throw new AppError({ code: 'invalid_request', issues: [{ path: [], message }] }, { cause: error });
  }
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
