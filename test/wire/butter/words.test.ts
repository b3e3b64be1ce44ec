/** What a refusal of input says to people: never a pattern. */
import { describe, expect, it } from 'vitest';
import { butterCall, phoneNumberBody } from '../../support/butter.ts';
import { onBothDatabases } from '../../support/matrix.ts';

const id = 'intg_0123456789ab';
const twilio = { provider: 'twilio', account_sid: `AC${'0'.repeat(32)}`, auth_token: '0'.repeat(32) };
const key = { name: 'n', role: 'user' };

interface Refused {
  readonly method?: string;
  readonly path: string;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly loc: readonly string[];
  readonly says: string;
}

const refused: readonly Refused[] = [
  {
    path: '/api/integrations/intg_x',
    loc: ['path', 'integration_id'],
    says: 'Input should be intg_ and 12 of the characters 0 to 9 and a to f',
  },
  {
    path: '/api/event-sources/x',
    loc: ['path', 'source_id'],
    says: 'Input should be src_ and 32 of the characters 0 to 9 and a to f',
  },
  { path: '/api/integrations?limit=x', loc: ['query', 'limit'], says: 'Input should be a whole number' },
  { path: '/api/overview?step=1.5', loc: ['query', 'step'], says: 'Input should be a whole number' },
  {
    path: '/api/overview?from=yesterday',
    loc: ['query', 'from'],
    says: 'Input should be a time with its offset, such as 2030-01-31T12:00:00Z',
  },
  {
    path: '/api/integrations',
    json: { name: 'n', credentials: { ...twilio, account_sid: 'AC1' } },
    loc: ['body', 'credentials', 'account_sid'],
    says: 'Input should be AC and 32 digits from 0 to 9 and A to F',
  },
  {
    path: '/api/integrations',
    json: { name: 'n', credentials: { ...twilio, auth_token: 'secret' } },
    loc: ['body', 'credentials', 'auth_token'],
    says: 'Input should be 32 digits from 0 to 9 and a to f',
  },
  {
    path: '/api/phone-numbers',
    json: { ...phoneNumberBody(id), phone_number: '0123' },
    loc: ['body', 'phone_number'],
    says: 'Input should be + and 7 to 15 digits, the first of them not 0',
  },
  {
    path: '/api/phone-numbers',
    json: { provider: 'sip', phone_number: '+15550100123', inbound_pin: '12' },
    loc: ['body', 'inbound_pin'],
    says: 'Input should be 4 to 10 digits',
  },
  {
    path: '/api/event-sources',
    json: { name: 'n', kind: 'sendgrid', public_key: 'x' },
    loc: ['body', 'public_key'],
    says: 'Input should be the base64 of a P-256 public key, as SendGrid shows it',
  },
  {
    path: '/api/api-keys',
    json: { ...key, expires_at: 'tomorrow' },
    loc: ['body', 'expires_at'],
    says: 'Input should be a time with its offset, such as 2030-01-31T12:00:00Z',
  },
  {
    method: 'DELETE',
    path: `/api/integrations/${id}`,
    headers: { 'idempotency-key': 'x'.repeat(256) },
    loc: ['header', 'idempotency-key'],
    says: 'Input should be 1 to 255 visible ASCII characters',
  },
  // as they were
  {
    path: '/api/api-keys',
    json: { ...key, name: '' },
    loc: ['body', 'name'],
    says: 'String should have at least 1 character',
  },
  { path: '/api/api-keys', json: { role: 'user' }, loc: ['body', 'name'], says: 'Field required' },
];

describe('input that is refused', () => {
  onBothDatabases((app) => {
    it.each(refused)('is told in words what it should be: $loc', async ({ loc, says, ...asked }) => {
      const { path, json, headers = {}, method = json === undefined ? 'GET' : 'POST' } = asked;
      const answer = await butterCall(app(), method, path, { headers, ...(json !== undefined && { json }) });
      expect([answer.status, answer.json.detail.map((each: any) => [each.loc, each.msg])]).toEqual([
        422,
        [[loc, says]],
      ]);
    });
  });
});
