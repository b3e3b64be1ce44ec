import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { type ErrorCode, errorMeanings, type Failure } from '../../src/core/errors.ts';
import * as butter from '../../src/http/butter/errors.ts';
import type { WireError } from '../../src/http/failure.ts';
import * as sendGrid from '../../src/http/sendgrid/errors.ts';

const use = { integrationId: 'intg_0123456789ab', phoneNumbers: ['+442079460123'], total: 1 };

/** The failure that the documentation shows for each code. */
const examples: { readonly [Code in ErrorCode]: Extract<Failure, { readonly code: Code }> } = {
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
  integrations_in_use: { code: 'integrations_in_use', uses: [use] },
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

const document = await readFile(new URL('../../docs/errors.md', import.meta.url), 'utf8');

it('docs/errors.md lists every code in order, with its meaning and its form on either surface', () => {
  const expected = Object.entries(errorMeanings).map(([code, meaning]) => {
    const failure = exampleOf(code);
    const forms = [sendGrid.renderFailure(failure), butter.renderFailure(failure)];
    return [`\`${code}\``, meaning, ...forms.flatMap(wireCells)];
  });
  expect(tableAfter('## Codes')).toEqual(expected);
});

it('docs/errors.md shows how bulk delete of the SendGrid surface reports bad parameters', () => {
  const issues = [
    { path: ['ids', 1], message: 'IDs cannot be an empty string' },
    { path: ['dry_run'], message: 'dry_run must be true or false' },
  ];
  expect(tableAfter('## SendGrid surface')).toEqual([wireCells(sendGrid.renderParameterIssues(issues))]);
});

it('docs/errors.md shows how bulk delete of the Butter surface names the offenders', () => {
  const failures: readonly Failure[] = [
    { code: 'integrations_not_found', ids: ['intg_ba9876543210'], uses: [use] },
    examples.integrations_in_use,
  ];
  const expected = failures.map((failure) => [
    `\`${failure.code}\``,
    ...wireCells(butter.renderBulkFailure(failure)),
  ]);
  expect(tableAfter('## Butter surface')).toEqual(expected);
});

function exampleOf(code: string): Failure {
  const example = Object.values(examples).find((each) => each.code === code);
  if (example === undefined) throw new Error(`no example for ${code}`);
  return example;
}

function wireCells({ status, body }: WireError): readonly string[] {
  return [String(status), `\`${JSON.stringify(body)}\``];
}

/** The cells of the first table below a heading, without its head. */
function tableAfter(heading: string): readonly (readonly string[])[] {
  const section = document.slice(document.indexOf(`\n${heading}\n`) + heading.length + 2);
  const table = /(?:^\|.*\n)+/m.exec(section)?.[0] ?? '';
  const [, , ...rows] = table.trimEnd().split('\n');
  return rows.map((row) =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}
