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

/** Also of one that is left unread: for operations where ignoring it would do more than was asked for. */
export function hasSentBody({ raw: { rawHeaders } }: FastifyRequest): boolean {
  return rawHeaders.some((name, index) => {
    if (index % 2 === 1) return false;
    const isLength = name.toLowerCase() === 'content-length';
    return isLength ? rawHeaders[index + 1] !== '0' : name.toLowerCase() === 'transfer-encoding';
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
