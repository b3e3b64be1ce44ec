/** Which surfaces have a reason to answer with each failure: every one has a form for all of them. */
import type { ErrorCode } from '../../core/errors.ts';

export type Prefix = '/v3' | '/api' | '/session' | '/events' | '/operator';

const everywhere = ['/v3', '/api', '/session', '/events', '/operator'] as const;
const withKey = ['/v3', '/api', '/operator'] as const;
const withSession = ['/api', '/session'] as const;

export const surfacesOf: Readonly<Record<ErrorCode, readonly Prefix[]>> = {
  credentials_missing: withKey,
  credentials_invalid: ['/session', ...withKey],
  permission_denied: ['/v3'],
  permission_missing: ['/api'],
  key_management_denied: ['/api'],
  organization_mismatch: ['/api'],
  identity_provider_unavailable: withSession,
  session_expired: withSession,
  csrf_token_invalid: withSession,
  cross_site_request: withSession,
  sign_in_failed: ['/session'],
  membership_missing: ['/session'],
  subuser_unknown: ['/v3'],
  wrong_region: ['/v3'],
  invalid_request: everywhere,
  invalid_cursor: ['/api', '/operator'],
  integrations_not_found: ['/v3', '/api'],
  integrations_in_use: ['/api'],
  replacement_unusable: ['/api'],
  integration_changed: ['/api'],
  provider_fixed: ['/api'],
  integration_limit_reached: ['/v3', '/api'],
  phone_number_not_found: ['/api'],
  phone_number_taken: ['/api'],
  phone_number_integration_unusable: ['/api'],
  idempotency_key_reused: ['/api'],
  api_key_not_found: ['/v3', '/api'],
  api_key_limit_reached: ['/v3', '/api'],
  username_taken: ['/v3'],
  malformed_request: everywhere,
  route_not_found: everywhere,
  method_not_allowed: everywhere,
  request_timeout: everywhere,
  payload_too_large: everywhere,
  uri_too_long: everywhere,
  unsupported_media_type: everywhere,
  overloaded: ['/api', '/events'],
  event_source_not_found: ['/api', '/events'],
  signature_missing: ['/events'],
  signature_invalid: ['/events'],
  forwards_no_events: ['/api'],
  nothing_to_replay: ['/api'],
  organization_not_found: ['/operator'],
  rate_limited: ['/session', ...withKey],
  headers_too_large: everywhere,
  internal: everywhere,
};
