/**
 * Every way a request can fail, in one place. Services and the HTTP layer throw only AppError; each surface
 * maps the code to its own status and body. docs/errors.md lists both wire forms and a test holds them equal.
 */

/** One thing wrong with the input: where it is, and what is wrong, never the value itself. */
export interface InputIssue {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

export type Failure =
  | { readonly code: 'credentials_missing' }
  | { readonly code: 'credentials_invalid' }
  | { readonly code: 'permission_denied' }
  | { readonly code: 'subuser_unknown' }
  | { readonly code: 'wrong_region'; readonly region: string }
  | { readonly code: 'invalid_request'; readonly issues: readonly InputIssue[] }
  | { readonly code: 'integrations_not_found'; readonly ids: readonly string[] }
  | { readonly code: 'integration_limit_reached'; readonly limit: number }
  | { readonly code: 'api_key_not_found'; readonly id: string }
  | { readonly code: 'api_key_limit_reached'; readonly limit: number }
  | { readonly code: 'username_taken' }
  | { readonly code: 'malformed_request' }
  | { readonly code: 'route_not_found' }
  | { readonly code: 'method_not_allowed' }
  | { readonly code: 'request_timeout' }
  | { readonly code: 'payload_too_large' }
  | { readonly code: 'uri_too_long' }
  | { readonly code: 'unsupported_media_type' }
  | { readonly code: 'rate_limited' }
  | { readonly code: 'headers_too_large' }
  | { readonly code: 'internal' };

export type ErrorCode = Failure['code'];

/** What each code means, for people. The order is the order of docs/errors.md. */
export const errorMeanings: Readonly<Record<ErrorCode, string>> = {
  credentials_missing: 'The request carries no API key.',
  credentials_invalid: 'The API key is unknown, revoked or malformed.',
  permission_denied: 'The API key is valid but lacks the scope, or tries to grant a scope that it lacks.',
  subuser_unknown: 'on-behalf-of names no subuser of the account that owns the key.',
  wrong_region: 'The account belongs to the other region; the request went to the wrong server.',
  invalid_request: 'The input breaks a rule of the contract; every breach is named.',
  integrations_not_found: 'At least one integration does not exist for this account; all of them are named.',
  integration_limit_reached: 'The account already has as many Segment integrations as it may have.',
  api_key_not_found: 'No such API key in this account.',
  api_key_limit_reached: 'The account already has as many API keys as it may have.',
  username_taken: 'A subuser of that name exists already.',
  malformed_request: 'The request is not valid HTTP, or its path is not a valid URL.',
  route_not_found: 'No such path on this surface.',
  method_not_allowed: 'The path exists, but not with this method; Allow names the methods.',
  request_timeout: 'The request did not arrive completely in time.',
  payload_too_large: 'The body is larger than this server accepts.',
  uri_too_long: 'The URL is longer than this server accepts.',
  unsupported_media_type: 'A body was sent that is not declared as application/json.',
  rate_limited: 'Too many requests with this key, or from this address, in the current second.',
  headers_too_large: 'The request line and headers together are larger than this server accepts.',
  internal: 'Something failed inside. The log has the request id and the cause; the answer tells nothing.',
};

/** The one kind of error that services throw. `failure` is safe to show; `cause` is for the log only. */
export class AppError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure.code, options);
    this.name = 'AppError';
    this.failure = failure;
  }
}

/** An invalid_request with a single issue. */
export function invalid(path: readonly (string | number)[], message: string): AppError {
  return new AppError({ code: 'invalid_request', issues: [{ path, message }] });
}
