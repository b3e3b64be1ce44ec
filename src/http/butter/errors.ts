/** Failures in this surface's words: `{"detail": …}` (contract: butter, section 1). */
import {
  type ErrorCode,
  errorMeanings,
  type Failure,
  type InputIssue,
  type KeyRefusal,
  type ReplacementProblem,
} from '../../core/errors.ts';
import { type IntegrationUse, namedPhoneNumbers } from '../../core/phone-number.ts';
import type { WireError } from '../failure.ts';

export function renderFailure(failure: Failure): WireError {
  switch (failure.code) {
    case 'credentials_missing':
      return detail(401, 'API key required');
    case 'credentials_invalid':
      return detail(401, 'Invalid API key');
    case 'session_expired':
      return withCode(401, failure.code, 'The session has expired');
    case 'csrf_token_invalid':
      return withCode(403, failure.code, 'CSRF token missing or invalid');
    case 'cross_site_request':
      return withCode(403, failure.code, 'Request from another site');
    case 'permission_missing':
      return detail(403, `Missing permission: ${failure.permission}`);
    case 'key_management_denied':
      return detail(403, keyRefusals[failure.refusal]);
    case 'organization_mismatch':
      return detail(403, 'API key does not belong to this organization');
    case 'identity_provider_unavailable':
      return detail(503, 'The identity provider does not answer');
    case 'invalid_request':
      return { status: 422, body: { detail: failure.issues.map(toValidationError) } };
    case 'invalid_cursor':
      return detail(400, 'Invalid cursor');
    case 'integrations_not_found':
      return detail(404, 'Integration not found');
    case 'integrations_in_use':
      return detail(409, failure.uses.map(describeUse).join(' '));
    case 'replacement_unusable':
      return issue(['query', 'replace_with'], replacementProblems[failure.reason]);
    case 'integration_changed':
      return detail(412, 'Integration was changed since it was read');
    case 'provider_fixed':
      return issue(
        ['body', 'credentials', 'provider'],
        `The provider of an integration cannot change; it is ${failure.provider}`,
      );
    case 'integration_limit_reached':
      return detail(
        409,
        `The limit of ${failure.limit} Segment integrations is reached. Delete one before creating another.`,
      );
    case 'phone_number_not_found':
      return detail(404, 'Phone number not found');
    case 'phone_number_taken':
      return detail(409, 'Phone number already exists');
    case 'phone_number_integration_unusable':
      return issue(
        ['body', 'integration_id'],
        `Not an integration that a ${failure.provider} number can refer to`,
      );
    case 'idempotency_key_reused':
      return issue(['header', 'idempotency-key'], 'This key was used before with a different request');
    case 'api_key_not_found':
      return detail(404, 'API key not found or does not belong to this organization');
    case 'api_key_limit_reached':
      return detail(
        409,
        `The limit of ${failure.limit} API keys is reached. Revoke one before creating another.`,
      );
    case 'malformed_request':
      return detail(400, 'Malformed request');
    case 'route_not_found':
      return detail(404, 'Not Found');
    case 'method_not_allowed':
      return detail(405, 'Method Not Allowed');
    case 'request_timeout':
      return detail(408, 'The request did not arrive in time');
    case 'payload_too_large':
      return detail(413, 'The request body is too large');
    case 'uri_too_long':
      return detail(414, 'The request URL is too long');
    case 'unsupported_media_type':
      return detail(415, 'Content-Type should be application/json');
    case 'overloaded':
      return detail(503, 'Too much is arriving at once');
    case 'event_source_not_found':
      return detail(404, 'Event source not found');
    case 'organization_not_found':
      return detail(404, 'Organization not found');
    case 'nothing_to_replay':
      return issue(['body', 'from_integration'], 'No removed integration of this id is known any more');
    case 'forwards_no_events':
      return issue(['path', 'integration_id'], 'The provider of this integration takes no email events');
    case 'rate_limited':
      return detail(429, 'Rate limit exceeded');
    case 'headers_too_large':
      return detail(431, 'The request headers are too large');
    case 'internal':
      return detail(500, 'Internal Server Error');
    case 'signature_missing':
    case 'signature_invalid':
    // the other surface's: they cannot arise here, and still have an answer
    case 'permission_denied':
    case 'subuser_unknown':
    case 'sign_in_failed':
    case 'membership_missing':
    case 'wrong_region':
      return detail(403, errorMeanings[failure.code]);
    case 'username_taken':
      return detail(409, errorMeanings[failure.code]);
  }
}

/** Bulk operations name every offender with its reason, beside the sentence for people. */
export function renderBulkFailure(failure: Failure): WireError {
  if (failure.code === 'integrations_not_found') {
    const unknown = failure.ids.map((id) => ({
      integration_id: id,
      reason: 'not_found',
      message: 'Integration not found',
    }));
    const text = `Integrations not found: ${pythonList(failure.ids)}. Nothing was deleted.`;
    return { status: 404, body: { detail: text, errors: [...unknown, ...failure.uses.map(toOffender)] } };
  }
  if (failure.code === 'integrations_in_use') {
    const ids = failure.uses.map((use) => use.integrationId);
    const text = `Integrations still referenced by phone numbers: ${pythonList(ids)}. Nothing was deleted.`;
    return { status: 409, body: { detail: text, errors: failure.uses.map(toOffender) } };
  }
  if (failure.code === 'replacement_unusable') {
    return issue(['body', 'replace_with'], replacementProblems[failure.reason]);
  }
  return renderFailure(failure);
}

const keyRefusals: Readonly<Record<KeyRefusal, string>> = {
  create: 'Only admins and agent managers can create API keys',
  list: 'Only admins and agent managers can list API keys',
  revoke: 'Only admins and agent managers can revoke API keys',
  above_own_role: 'API keys of a role above your own cannot be created or revoked',
};

const replacementProblems: Readonly<Record<ReplacementProblem, string>> = {
  not_found: 'The replacement integration was not found',
  other_provider: 'The replacement integration is of another provider',
  being_deleted: 'The replacement integration is to be deleted itself',
};

/** The documented sentence; beyond the named numbers the rest is only counted. */
function describeUse({ phoneNumbers, total }: IntegrationUse): string {
  const more = total > namedPhoneNumbers ? ` and ${total - phoneNumbers.length} more` : '';
  const list = pythonList(phoneNumbers) + more;
  return `Integration is still referenced by phone numbers: ${list}. Remove or reassign them first.`;
}

function toOffender(use: IntegrationUse) {
  return {
    integration_id: use.integrationId,
    reason: 'in_use',
    message: describeUse(use),
    phone_numbers: use.phoneNumbers,
    total_phone_numbers: use.total,
  };
}

/** As Python prints a list of plain strings. Only ids and numbers come here: nothing in them needs escaping. */
function pythonList(items: readonly string[]): string {
  return `[${items.map((item) => `'${item}'`).join(', ')}]`;
}

function toValidationError({ path, message, type, location }: InputIssue) {
  // the value is never repeated: it may be a secret, or hold one
  return { type: type ?? 'value_error', loc: [location ?? 'body', ...path], msg: message, input: null };
}

function issue([location, ...path]: readonly string[], msg: string): WireError {
  const error = { type: 'value_error', loc: [location, ...path], msg, input: null };
  return { status: 422, body: { detail: [error] } };
}

function detail(status: number, text: string): WireError {
  return { status, body: { detail: text } };
}

/** Pages in browsers have to tell these apart from other refusals of the same status. */
function withCode(status: number, code: ErrorCode, text: string): WireError {
  return { status, body: { detail: text, code } };
}
