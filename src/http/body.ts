/** Bodies: read as bytes, decoded strictly, parsed once. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError, invalid } from '../core/errors.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });
const jsonType = /^application\/json\s*(;|$)/i;

/**
 * Bodies arrive as bytes whatever their type, so that a missing or odd Content-Type is refused only by operations
 * that need a body. A body sent along with DELETE is left unread: it means nothing, and some clients send one.
 */
export function acceptBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', async (request) => {
    if (request.method !== 'DELETE') return;
    for (const name of ['content-type', 'content-length', 'transfer-encoding']) delete request.headers[name];
  });
}

/** @throws AppError unsupported_media_type, invalid_request */
export function readJson(request: FastifyRequest): unknown {
  if (!jsonType.test(request.headers['content-type'] ?? ''))
    throw new AppError({ code: 'unsupported_media_type' });
  try {
    return JSON.parse(Buffer.isBuffer(request.body) ? utf8.decode(request.body) : '');
  } catch {
    // the parser's own message quotes the body, which may hold a secret
    throw invalid([], 'request body must be valid JSON in UTF-8');
  }
}
