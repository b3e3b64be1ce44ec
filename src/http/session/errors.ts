/** Failures in this surface's words: `{"success": false, "code": …, "message": …}`. */
import { type ErrorCode, errorMeanings, type Failure } from '../../core/errors.ts';
import type { WireError } from '../failure.ts';

const statuses: Partial<Readonly<Record<ErrorCode, number>>> = {
  invalid_request: 422,
  malformed_request: 400,
  credentials_invalid: 401,
  session_expired: 401,
  csrf_token_invalid: 403,
  cross_site_request: 403,
  sign_in_failed: 403,
  membership_missing: 403,
  route_not_found: 404,
  method_not_allowed: 405,
  request_timeout: 408,
  payload_too_large: 413,
  uri_too_long: 414,
  unsupported_media_type: 415,
  rate_limited: 429,
  headers_too_large: 431,
  identity_provider_unavailable: 503,
};

export function renderFailure(failure: Failure): WireError {
  const { code } = failure;
  const body = { success: false, code, message: errorMeanings[code] };
  if (code !== 'invalid_request') return { status: statuses[code] ?? 500, body };
  const errors = failure.issues.map(({ path, message }) => ({ field: path.join('.'), message }));
  return { status: 422, body: { ...body, errors } };
}
