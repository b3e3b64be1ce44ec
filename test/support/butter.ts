/** The Butter surface, /api, as its clients use it: requests, and what tests need to exist first. */
import type { App } from '../../src/app.ts';
import type { Role } from '../../src/core/roles.ts';
import { type Answer, call } from './http.ts';

/** Where and as whom to call. A TestApp is one: its first organization, as admin. */
export interface ButterClient {
  readonly url: string;
  /** Sent as X-API-Key. */
  readonly roleKey: string;
  /** Sent as X-Organization-Id. */
  readonly organizationId: string;
}

export interface ButterOptions {
  /** Instead of the client's; null: none. */
  readonly key?: string | null;
  /** Instead of the client's; null: none. */
  readonly organizationId?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

let count = 0;

export async function butterCall(
  client: ButterClient,
  method: string,
  path: string,
  { key = client.roleKey, organizationId = client.organizationId, headers, ...body }: ButterOptions = {},
): Promise<Answer> {
  return await call(client, method, path, {
    ...body,
    headers: {
      ...(key !== null && { 'x-api-key': key }),
      ...(organizationId !== null && { 'x-organization-id': organizationId }),
      ...headers,
    },
  });
}

export const twilioCredentials = {
  provider: 'twilio',
  account_sid: 'AC0123456789abcdef0123456789abcdef',
  auth_token: 'fedcba9876543210fedcba9876543210',
} as const;

export const twilioBody = (name = `Twilio ${++count}`) => ({ name, credentials: twilioCredentials });

/** @returns the new integration's id. */
export async function createTwilio(client: ButterClient, options: ButterOptions = {}): Promise<string> {
  const created = await butterCall(client, 'POST', '/api/integrations', { json: twilioBody(), ...options });
  return require201(created).data.integration_id;
}

/** A number that no other call gives. */
export function newPhoneNumber(): string {
  return `+1${2_000_000_000 + ++count}`;
}

export const phoneNumberBody = (integrationId: string, phoneNumber = newPhoneNumber()) => ({
  phone_number: phoneNumber,
  provider: 'twilio',
  integration_id: integrationId,
});

/** A Twilio number that refers to the integration. */
export async function importNumber(
  client: ButterClient,
  integrationId: string,
  options: ButterOptions = {},
): Promise<{ readonly id: string; readonly phoneNumber: string }> {
  const json = phoneNumberBody(integrationId);
  const imported = await butterCall(client, 'POST', '/api/phone-numbers', { json, ...options });
  const { data } = require201(imported);
  return { id: data.phone_number_id, phoneNumber: data.phone_number };
}

/** @returns the raw key. */
export async function createRoleKey(
  client: ButterClient,
  role: Role,
  options: ButterOptions = {},
): Promise<string> {
  const json = { name: `key ${++count}`, role };
  return require201(await butterCall(client, 'POST', '/api/api-keys', { json, ...options })).raw_key;
}

/** A key for the other surface. @returns the raw key and the key object. */
export async function createSendGridKey(
  client: ButterClient,
  wish: { readonly name?: string; readonly scopes?: readonly string[] } = {},
  options: ButterOptions = {},
): Promise<Answer['json']> {
  const json = { name: `key ${++count}`, ...wish };
  return require201(await butterCall(client, 'POST', '/api/sendgrid-keys', { json, ...options }));
}

/** A second root organization beside the app's first one, with its own admin key. */
export async function createOrganization({
  url,
  app,
}: {
  readonly url: string;
  readonly app: Pick<App, 'organizations'>;
}): Promise<ButterClient> {
  const { organizationId, roleKey } = await app.organizations.create();
  return { url, roleKey: roleKey.reveal(), organizationId };
}

function require201({ status, text, json }: Answer): Answer['json'] {
  if (status !== 201) throw new Error(`not created: ${status} ${text}`);
  return json;
}
