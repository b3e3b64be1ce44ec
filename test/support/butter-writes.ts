/** Every write of the Butter surface, as a request that works and one like it that is another. */
import {
  type ButterClient,
  butterCall,
  createSendGridKey,
  createTwilio,
  importNumber,
  newPhoneNumber,
  phoneNumberBody,
  twilioBody,
  twilioCredentials,
} from './butter.ts';

export interface WriteRequest {
  readonly method: 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Write {
  readonly request: WriteRequest;
  /** What makes it another request, of the same method and path. */
  readonly otherwise: Partial<WriteRequest>;
}

const integrations = '/api/integrations';
const numbers = '/api/phone-numbers';
const keys = '/api/api-keys';
const sendGridKeys = '/api/sendgrid-keys';

/** Every write of the surface, each given what it needs to exist. */
export const writes: Readonly<Record<string, (client: ButterClient) => Promise<Write>>> = {
  'create an integration': async () => ({
    request: { method: 'POST', path: integrations, json: twilioBody('One') },
    otherwise: { json: twilioBody('Two') },
  }),
  'update an integration': async (client) => ({
    request: { method: 'PUT', path: `${integrations}/${await createTwilio(client)}`, json: { name: 'New' } },
    otherwise: { json: { credentials: twilioCredentials } },
  }),
  'delete an integration': async (client) => {
    const path = `${integrations}/${await createTwilio(client)}`;
    return { request: { method: 'DELETE', path }, otherwise: { headers: { 'if-match': '"1"' } } };
  },
  'delete an integration and move its numbers': async (client) => {
    const id = await createTwilio(client);
    await importNumber(client, id);
    const path = `${integrations}/${id}`;
    return {
      request: { method: 'DELETE', path: `${path}?replace_with=${await createTwilio(client)}` },
      otherwise: { path },
    };
  },
  'delete integrations in bulk': async (client) => {
    const ids = [await createTwilio(client), await createTwilio(client)];
    return {
      request: { method: 'POST', path: `${integrations}/bulk-delete`, json: { integration_ids: ids } },
      otherwise: { json: { integration_ids: ids.toReversed() } },
    };
  },
  'import a phone number': async (client) => {
    const id = await createTwilio(client);
    return {
      request: { method: 'POST', path: numbers, json: phoneNumberBody(id) },
      otherwise: { json: phoneNumberBody(id, newPhoneNumber()) },
    };
  },
  'update a phone number': async (client) => {
    const { id } = await importNumber(client, await createTwilio(client));
    return {
      request: { method: 'PUT', path: `${numbers}/${id}`, json: { supports_inbound: true } },
      otherwise: { json: { supports_inbound: false } },
    };
  },
  'delete a phone number': async (client) => {
    const path = `${numbers}/${(await importNumber(client, await createTwilio(client))).id}`;
    return { request: { method: 'DELETE', path }, otherwise: { path: `${path}?anything` } };
  },
  'create an API key': async () => ({
    request: { method: 'POST', path: keys, json: { name: 'Once', role: 'user' } },
    otherwise: { json: { name: 'Once', role: 'admin' } },
  }),
  'revoke an API key': async (client) => {
    const json = { name: 'Short-lived', role: 'user' };
    const id = (await butterCall(client, 'POST', keys, { json })).json.key.key_id;
    const path = `${keys}/${id}`;
    return { request: { method: 'DELETE', path }, otherwise: { path: `${path}?anything` } };
  },
  'create a key for the SendGrid surface': async () => ({
    request: { method: 'POST', path: sendGridKeys, json: { name: 'Once', scopes: ['marketing.read'] } },
    otherwise: { json: { name: 'Once' } },
  }),
  'revoke a key for the SendGrid surface': async (client) => {
    const path = `${sendGridKeys}/${(await createSendGridKey(client)).key.api_key_id}`;
    return { request: { method: 'DELETE', path }, otherwise: { path: `${path}?anything` } };
  },
};
