/** What went wrong with a request, whoever noticed it: our services, Fastify, or Node's HTTP parser. */
import { AppError, type Failure } from '../core/errors.ts';

/** A surface's own status and body for a failure. */
export interface WireError {
  readonly status: number;
  readonly body: unknown;
}

/** The failures of Fastify that a client causes, by Fastify's code. */
const fastifyFailures: Readonly<Record<string, Failure>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'payload_too_large' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { code: 'unsupported_media_type' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: { code: 'malformed_request' },
  FST_ERR_BAD_URL: { code: 'malformed_request' },
  // QUERY (RFC 10008) without a body type: refused by Fastify before any route's own hooks
  FST_ERR_ROUTE_MISSING_CONTENT_TYPE: { code: 'unsupported_media_type' },
};

/** The failures that Node's HTTP parser and timers report before there is a request. */
const parserFailures: Readonly<Record<string, Failure>> = {
  HPE_HEADER_OVERFLOW: { code: 'headers_too_large' },
  ERR_HTTP_REQUEST_TIMEOUT: { code: 'request_timeout' },
};

export function failureOf(error: unknown): Failure {
  if (error instanceof AppError) return error.failure;
  return fastifyFailures[codeOf(error)] ?? { code: 'internal' };
}

export function parserFailureOf(error: unknown): Failure {
  return parserFailures[codeOf(error)] ?? { code: 'malformed_request' };
}

function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? code : '';
}
