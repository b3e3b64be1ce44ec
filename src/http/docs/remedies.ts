/** What to do about each failure, for the page of its code. */
import type { ErrorCode } from '../../core/errors.ts';

export const errorRemedies: Readonly<Record<ErrorCode, string>> = {
  credentials_missing:
    'Send the key in the header that the surface names: Authorization under /v3, X-API-Key under /api.',
  credentials_invalid:
    'Check that the key is complete and of this server and surface. If it was revoked or has expired, make another one.',
  permission_denied: 'Use a key that has the scope; the operation names it in the API reference.',
  permission_missing:
    'Use a key, or sign in as somebody, whose role includes the permission that the answer names.',
  key_management_denied: 'Ask somebody of a higher role: keys are managed up to one’s own role only.',
  organization_mismatch:
    'Send the id of the organization that the key belongs to, or use a key of that organization.',
  identity_provider_unavailable:
    'Try again shortly. If it stays so, the operator should check that the server reaches the issuer.',
  session_expired: 'Sign in again.',
  csrf_token_invalid:
    'Read the session again (GET /session) and send its csrf_token as X-CSRF-Token with every request.',
  cross_site_request:
    'Send the request from a page of this server. Behind a proxy, JACKFIELD_PUBLIC_URL has to be the address that browsers use. A program uses an API key instead of a session.',
  sign_in_failed:
    'Begin the sign-in again, in this browser and within ten minutes. The server’s log says what the identity provider objected to.',
  membership_missing:
    'The administrator of the identity provider has to name your organization and role in the claims that this server reads.',
  subuser_unknown:
    'Check the username or account id in on-behalf-of; only subusers of the key’s own account can be named.',
  wrong_region: 'Send the request to the server of the account’s region.',
  invalid_request: 'Change what the answer names, field by field, and send the request again.',
  invalid_cursor: 'Use the next_cursor of this very list as it is, or begin without one.',
  integrations_not_found:
    'Remove the ids that the answer names, or list the integrations to find the right ones.',
  integrations_in_use: 'Remove or reassign what the answer names first, or delete with replace_with.',
  replacement_unusable:
    'Name an integration of the same provider that exists and is not to be deleted itself.',
  integration_changed: 'Read the integration again, look at what has changed, and repeat with its new ETag.',
  provider_fixed: 'Create an integration of the other provider, and delete this one.',
  integration_limit_reached: 'Delete one that is not needed, or ask the operator for a higher limit.',
  phone_number_not_found: 'List the phone numbers to find the right id.',
  phone_number_taken:
    'If the number is not in your own list, another organization has imported it: ask the operator.',
  phone_number_integration_unusable:
    'Choose an integration of the provider that the number is served through.',
  idempotency_key_reused:
    'Use a new key for a new request, and the same key only to repeat the very same one.',
  api_key_not_found: 'List the keys to find the right id.',
  api_key_limit_reached: 'Delete keys that nobody uses.',
  username_taken: 'Choose another username.',
  malformed_request:
    'Check what your HTTP client sends: the request line, the headers, and the encoding of the path.',
  route_not_found: 'Compare the path with the API reference.',
  method_not_allowed: 'Use one of the methods that the header Allow names.',
  request_timeout: 'Send the request faster, or in smaller parts.',
  payload_too_large: 'Send less at once; a body may have 1 MiB, one of events 8 MiB.',
  uri_too_long: 'Send fewer ids at once, or use the operation that takes them in the body.',
  unsupported_media_type: 'Send the header Content-Type: application/json.',
  overloaded: 'Send the same again after the seconds that Retry-After names.',
  event_source_not_found: 'Copy the address of the event source again; it may have been deleted.',
  signature_missing: 'Turn on signed events at the sender, or remove the public key from the event source.',
  signature_invalid:
    'Compare the public key of the event source with that of the sender, and the clocks of both.',
  forwards_no_events: 'Choose an integration of a provider that takes email events.',
  nothing_to_replay:
    'A removed integration is known only as long as the log keeps its events. There is nothing left to send.',
  rate_limited: 'Wait as many seconds as Retry-After says, and spread requests over time.',
  headers_too_large: 'Send smaller headers or a shorter URL.',
  internal:
    'Try again. If it stays so, give the X-Request-Id of the answer to the operator: the log has the cause.',
};
