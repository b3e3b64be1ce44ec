/** One failure of each kind, for the documentation. */
import type { ErrorCode, Failure } from './errors.ts';

/** What keeps an integration, in the examples. */
export const exampleUse = { integrationId: 'intg_0123456789ab', phoneNumbers: ['+442079460123'], total: 1 };

/** The failure that the documentation shows for each code. */
export const errorExamples: { readonly [Code in ErrorCode]: Extract<Failure, { readonly code: Code }> } = {
  credentials_missing: { code: 'credentials_missing' },
  credentials_invalid: { code: 'credentials_invalid' },
  permission_denied: { code: 'permission_denied' },
  permission_missing: { code: 'permission_missing', permission: 'integrations:delete' },
  key_management_denied: { code: 'key_management_denied', refusal: 'revoke' },
  organization_mismatch: { code: 'organization_mismatch' },
  identity_provider_unavailable: { code: 'identity_provider_unavailable' },
  session_expired: { code: 'session_expired' },
  csrf_token_invalid: { code: 'csrf_token_invalid' },
  cross_site_request: { code: 'cross_site_request' },
  sign_in_failed: { code: 'sign_in_failed' },
  membership_missing: { code: 'membership_missing' },
  subuser_unknown: { code: 'subuser_unknown' },
  wrong_region: { code: 'wrong_region', region: 'eu' },
  invalid_request: {
    code: 'invalid_request',
    issues: [
      { path: ['properties', 'destination_region'], message: 'destination_region must be EU or US' },
      { path: ['properties', 'write_key'], message: 'write_key must be at least 7 characters' },
    ],
  },
  invalid_cursor: { code: 'invalid_cursor' },
  integrations_not_found: {
    code: 'integrations_not_found',
    ids: ['intg_0123456789ab', 'intg_ba9876543210'],
    uses: [],
  },
  integrations_in_use: { code: 'integrations_in_use', uses: [exampleUse] },
  replacement_unusable: { code: 'replacement_unusable', reason: 'not_found' },
  integration_changed: { code: 'integration_changed', id: 'intg_0123456789ab' },
  provider_fixed: { code: 'provider_fixed', provider: 'twilio' },
  integration_limit_reached: { code: 'integration_limit_reached', limit: 10 },
  phone_number_not_found: { code: 'phone_number_not_found', id: 'phon_0123456789ab' },
  phone_number_taken: { code: 'phone_number_taken' },
  phone_number_integration_unusable: { code: 'phone_number_integration_unusable', provider: 'twilio' },
  idempotency_key_reused: { code: 'idempotency_key_reused' },
  api_key_not_found: { code: 'api_key_not_found', id: 'abcdefghijklmnopqrstuv' },
  api_key_limit_reached: { code: 'api_key_limit_reached', limit: 100 },
  username_taken: { code: 'username_taken' },
  malformed_request: { code: 'malformed_request' },
  route_not_found: { code: 'route_not_found' },
  method_not_allowed: { code: 'method_not_allowed' },
  request_timeout: { code: 'request_timeout' },
  payload_too_large: { code: 'payload_too_large' },
  uri_too_long: { code: 'uri_too_long' },
  unsupported_media_type: { code: 'unsupported_media_type' },
  overloaded: { code: 'overloaded' },
  event_source_not_found: { code: 'event_source_not_found' },
  signature_missing: { code: 'signature_missing' },
  signature_invalid: { code: 'signature_invalid' },
  forwards_no_events: { code: 'forwards_no_events' },
  nothing_to_replay: { code: 'nothing_to_replay', id: 'intg_0123456789ab' },
  rate_limited: { code: 'rate_limited' },
  headers_too_large: { code: 'headers_too_large' },
  internal: { code: 'internal' },
};
