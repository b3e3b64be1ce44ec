/**
 * Every way a request can fail, in one place. Services and the HTTP layer throw only AppError; each surface
 * maps the code to its own status and body. docs/errors.md lists both wire forms and a test holds them equal.
 */

import type { IntegrationUse } from './phone-number.ts';

/** Why numbers cannot move to the integration named by replace_with. */
export type ReplacementProblem = 'not_found' | 'other_provider' | 'being_deleted';

/** One thing wrong with the input: where it is, and what is wrong, never the value itself. */
export interface InputIssue {
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** A machine-readable kind, where the surface has such. */
  readonly type?: string;
  /** Where in the request; the body when nothing is said. */
  readonly location?: 'body' | 'path' | 'query' | 'header';
}

/** Why a key operation of the Butter surface is refused to a role. */
export type KeyRefusal = 'create' | 'list' | 'revoke' | 'above_own_role';

export type Failure =
  | { readonly code: 'credentials_missing' }
  | { readonly code: 'credentials_invalid' }
  | { readonly code: 'permission_denied' }
  | { readonly code: 'permission_missing'; readonly permission: string }
  | { readonly code: 'key_management_denied'; readonly refusal: KeyRefusal }
  | { readonly code: 'organization_mismatch' }
  | { readonly code: 'identity_provider_unavailable' }
  | { readonly code: 'session_expired' }
  | { readonly code: 'csrf_token_invalid' }
  | { readonly code: 'cross_site_request' }
  | { readonly code: 'sign_in_failed' }
  | { readonly code: 'membership_missing' }
  | { readonly code: 'subuser_unknown' }
  | { readonly code: 'wrong_region'; readonly region: string }
  | { readonly code: 'invalid_request'; readonly issues: readonly InputIssue[] }
  | { readonly code: 'invalid_cursor' }
  | {
      readonly code: 'integrations_not_found';
      readonly ids: readonly string[];
      /** What else stands in the way, of the ids that do exist. */
      readonly uses: readonly IntegrationUse[];
    }
  | { readonly code: 'integrations_in_use'; readonly uses: readonly IntegrationUse[] }
  | { readonly code: 'replacement_unusable'; readonly reason: ReplacementProblem }
  | { readonly code: 'integration_changed'; readonly id: string }
  | { readonly code: 'provider_fixed'; readonly provider: string }
  | { readonly code: 'integration_limit_reached'; readonly limit: number }
  | { readonly code: 'phone_number_not_found'; readonly id: string }
  | { readonly code: 'phone_number_taken' }
  | { readonly code: 'phone_number_integration_unusable'; readonly provider: string }
  | { readonly code: 'idempotency_key_reused' }
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
  | { readonly code: 'overloaded' }
  | { readonly code: 'event_source_not_found' }
  | { readonly code: 'signature_missing' }
  | { readonly code: 'signature_invalid' }
  | { readonly code: 'forwards_no_events' }
  | { readonly code: 'nothing_to_replay'; readonly id: string }
  | { readonly code: 'rate_limited' }
  | { readonly code: 'headers_too_large' }
  | { readonly code: 'internal' };

export type ErrorCode = Failure['code'];

/** What each code means, for people. The order is the order of docs/errors.md. */
export const errorMeanings: Readonly<Record<ErrorCode, string>> = {
  credentials_missing: 'The request carries no API key.',
  credentials_invalid: 'The API key or token is unknown, revoked, expired or malformed.',
  permission_denied: 'The API key is valid but lacks the scope, or tries to grant a scope that it lacks.',
  permission_missing: 'The role behind the key or token does not include the permission.',
  key_management_denied: 'The role may not manage API keys, or not one of a higher role.',
  organization_mismatch:
    'The organization header names an organization that the key or token does not belong to.',
  identity_provider_unavailable: 'The token cannot be checked because its issuer does not answer.',
  session_expired: 'The session is unknown, has expired, was signed out, or its key is good no more.',
  csrf_token_invalid:
    'A request with the session cookie carries no CSRF token, or not the one of the session.',
  cross_site_request: 'A request with the session cookie, or a sign-in, comes from a page of another site.',
  sign_in_failed:
    'The sign-in at the identity provider was not begun in this browser, was refused, or took too long.',
  membership_missing:
    'The identity provider names no organization of this server, and role in it, for the person.',
  subuser_unknown: 'on-behalf-of names no subuser of the account that owns the key.',
  wrong_region: 'The account belongs to the other region; the request went to the wrong server.',
  invalid_request: 'The input breaks a rule of the contract; every breach is named.',
  invalid_cursor: 'The cursor was not made by this list.',
  integrations_not_found: 'At least one integration does not exist for this account; all of them are named.',
  integrations_in_use:
    'At least one integration is still referred to; nothing was deleted, every reference is named.',
  replacement_unusable:
    'The integration that references should move to does not exist, is of another provider, or is to be deleted itself.',
  integration_changed: 'The integration is no longer the version that If-Match names.',
  provider_fixed: 'The provider of an integration cannot change; create another integration.',
  integration_limit_reached: 'The account already has as many Segment integrations as it may have.',
  phone_number_not_found: 'No such phone number in this account.',
  phone_number_taken: 'The phone number is in the system already, in this account or another.',
  phone_number_integration_unusable:
    'The integration exists, but numbers of this provider cannot refer to it.',
  idempotency_key_reused: 'The idempotency key was used before with a different request.',
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
  overloaded: 'More is arriving than can be made durable; nothing of this request was taken.',
  event_source_not_found: 'No such event source.',
  signature_missing: 'The event source checks signatures and the request carries none.',
  signature_invalid: 'The signature does not fit the body and the source, or is too old.',
  forwards_no_events: 'The integration belongs to a provider that takes no email events.',
  nothing_to_replay: 'No removed integration of that id is known any more.',
  rate_limited:
    'Too many requests with this key, by this organization or from this address in the current second.',
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
