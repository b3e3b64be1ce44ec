/** Failures on this surface: `{"detail": …}`, as under /api. */
import { type ErrorCode, errorMeanings, type Failure } from '../../core/errors.ts';
import type { WireError } from '../failure.ts';

const statuses: Partial<Readonly<Record<ErrorCode, number>>> = {
  credentials_missing: 401,
  credentials_invalid: 401,
  invalid_request: 422,
  invalid_cursor: 400,
  malformed_request: 400,
  organization_not_found: 404,
  route_not_found: 404,
  method_not_allowed: 405,
  request_timeout: 408,
  payload_too_large: 413,
  uri_too_long: 414,
  unsupported_media_type: 415,
  rate_limited: 429,
  headers_too_large: 431,
};

/** Words of its own where the common ones speak of an API key. */
const sentences: Partial<Readonly<Record<ErrorCode, string>>> = {
  credentials_missing: 'Operator key required',
  credentials_invalid: 'Invalid operator key',
  organization_not_found: 'Organization not found',
  internal: 'Internal Server Error',
};

export function renderFailure(failure: Failure): WireError {
  const { code } = failure;
  const status = statuses[code] ?? 500;
  if (failure.code !== 'invalid_request') {
    return { status, body: { detail: sentences[code] ?? errorMeanings[code] } };
  }
  const detail = failure.issues.map(({ path, message, location }) => ({
    type: 'value_error',
    loc: [location ?? 'body', ...path],
    msg: message,
    // the value is never repeated: it may be a secret
    input: null,
  }));
  return { status, body: { detail } };
}
