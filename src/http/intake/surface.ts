/** /events: where SendGrid's Event Webhook posts (contract: events, section 1). It looks at the status only. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError, type ErrorCode, errorMeanings, type Failure } from '../../core/errors.ts';
import type { IntakeService } from '../../services/intake.ts';
import type { WireError } from '../failure.ts';
import { resource } from '../resource.ts';
import { answerFailure, requireServable } from '../server.ts';
import type { Surface } from '../surface.ts';
import { announcedBytesOf, BodyReader } from './body.ts';

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

export function renderFailure(failure: Failure): WireError {
  const { code } = failure;
  const message =
    failure.code === 'invalid_request'
      ? failure.issues.map((issue) => issue.message).join(', ')
      : errorMeanings[code];
  return { status: statuses[code] ?? 500, body: { error: code, message } };
}

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
  // a body is read by the handler, once it is known that there is room for it
  app.addContentTypeParser('*', (_request, _body, done) => done(null));
  const bodies = new BodyReader();
  resource(app, '/sendgrid/:source', {
    POST: {
      authorize: [],
      handler: async (request) => {
        const sourceId = parameters.parse(request.params).source;
        using share = await intake.admit(sourceId, announcedBytesOf(request));
        return await intake.accept({
          sourceId,
          body: await bodies.read(request, share),
          signature: headerOf(request, 'x-twilio-email-event-webhook-signature'),
          timestamp: headerOf(request, 'x-twilio-email-event-webhook-timestamp'),
          share,
        });
      },
    },
  });
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
