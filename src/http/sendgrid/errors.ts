/** Failures in this surface's words: the envelope `{"errors":[…]}` (contract: sendgrid, section 2). */
import { errorMeanings, type Failure, type InputIssue } from '../../core/errors.ts';
import type { WireError } from '../failure.ts';

export function renderFailure(failure: Failure): WireError {
  switch (failure.code) {
    case 'credentials_missing':
      return one(401, { field: null, message: 'authorization required' });
    case 'credentials_invalid':
      return one(401, {
        message: 'The provided authorization grant is invalid, expired, or revoked',
        field: null,
        help: null,
      });
    case 'session_expired':
      return one(401, { field: null, message: errorMeanings[failure.code] });
    case 'csrf_token_invalid':
    case 'cross_site_request':
    case 'sign_in_failed':
    case 'membership_missing':
      return one(403, { field: null, message: errorMeanings[failure.code] });
    case 'permission_denied':
      return one(403, { message: scopeMessage });
    case 'permission_missing':
    case 'key_management_denied':
    case 'organization_mismatch':
      return one(403, { message: scopeMessage });
    case 'identity_provider_unavailable':
      return one(503, { field: null, message: 'the identity provider does not answer' });
    case 'subuser_unknown':
      return one(403, { message: 'on-behalf-of names no subuser of this account' });
    case 'wrong_region':
      return one(451, {
        message: `this account belongs to the ${failure.region} region; call that region's server`,
      });
    case 'invalid_request':
      return one(400, { message: joinIssues(failure.issues), field: 'request' });
    case 'integrations_not_found':
      return many(
        404,
        failure.ids.map((id) => ({ message: `integration does not exist (${id})` })),
      );
    case 'integrations_in_use':
      return many(
        409,
        failure.uses.map((use) => ({
          message: `integration is still referenced (${use.integrationId}); phone numbers: ${use.total}`,
        })),
      );
    case 'replacement_unusable':
    case 'provider_fixed':
    case 'phone_number_integration_unusable':
    case 'idempotency_key_reused':
    case 'invalid_cursor':
      return one(400, { message: errorMeanings[failure.code], field: 'request' });
    case 'integration_changed':
      return one(412, { field: null, message: errorMeanings[failure.code] });
    case 'phone_number_not_found':
      return one(404, { field: null, message: 'resource not found' });
    case 'phone_number_taken':
      return one(409, { field: null, message: errorMeanings[failure.code] });
    case 'integration_limit_reached':
      return one(403, {
        message: `the limit of ${failure.limit} Segment integrations is reached; delete one before creating another`,
      });
    case 'api_key_not_found':
      return one(404, { field: null, message: 'unable to find API Key' });
    case 'api_key_limit_reached':
      return one(403, {
        message: `the limit of ${failure.limit} API keys is reached; delete one before creating another`,
      });
    case 'username_taken':
      return one(400, { message: 'username exists', field: 'username' });
    case 'malformed_request':
      return one(400, {
        message: 'the request is not valid HTTP or its path is not a valid URL',
        field: 'request',
      });
    case 'route_not_found':
      return one(404, { field: null, message: 'resource not found' });
    case 'method_not_allowed':
      return one(405, { field: null, message: 'method not allowed' });
    case 'request_timeout':
      return one(408, { field: null, message: 'the request did not arrive in time' });
    case 'payload_too_large':
      return one(413, { field: null, message: 'the request body is too large' });
    case 'uri_too_long':
      return one(414, { field: null, message: 'the request URL is too long' });
    case 'unsupported_media_type':
      return one(415, { message: 'Content-Type should be application/json.', field: null, help: null });
    case 'overloaded':
      return one(503, { field: null, message: errorMeanings[failure.code] });
    case 'event_source_not_found':
    case 'nothing_to_replay':
      return one(404, { field: null, message: 'resource not found' });
    case 'signature_missing':
    case 'signature_invalid':
      return one(403, { field: null, message: errorMeanings[failure.code] });
    case 'forwards_no_events':
      return one(400, { message: errorMeanings[failure.code], field: 'request' });
    case 'rate_limited':
      return one(429, { field: null, message: 'too many requests' });
    case 'headers_too_large':
      return one(431, { field: null, message: 'the request headers are too large' });
    case 'internal':
      return one(500, { message: 'internal error' });
  }
}

/** Bulk delete names each bad parameter in an element of its own, where the other operations join all messages. */
export function renderParameterIssues(issues: readonly InputIssue[]): WireError {
  return many(
    400,
    issues.map(({ path, message }) => ({ message, parameter: parameterName(path) })),
  );
}

const scopeMessage =
  'access forbidden. please ensure you have the correct scopes defined. see ' +
  '/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/authorization#api-key-permissions-list';

function joinIssues(issues: readonly InputIssue[]): string {
  return issues.map(({ message }) => message).join(', ');
}

/** `['ids', 1]` is written `ids[1]`. */
function parameterName([name, index]: InputIssue['path']): string {
  return index === undefined ? String(name) : `${name}[${index}]`;
}

function one(status: number, error: Readonly<Record<string, unknown>>): WireError {
  return many(status, [error]);
}

function many(status: number, errors: readonly unknown[]): WireError {
  return { status, body: { errors } };
}
