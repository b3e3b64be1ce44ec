/** The typed client of /api. Every request names the organization and proves that it comes from these pages. */
import createClient from 'openapi-fetch';
import { ApiError, UnreachableError } from './failure.ts';
import type { components, paths } from './generated/butter.ts';
import { current, organizationOf } from './session.ts';

export type Schemas = components['schemas'];
export type Integration = Schemas['Integration'];
export type Delivery = Schemas['Delivery'];
export type EmailEvent = Schemas['EmailEvent'];
export type PhoneNumber = Schemas['PhoneNumber'];
export type ProviderInfo = Schemas['ProviderList']['data'][number];

const signedOutEvent = 'jackfield:signed-out';

export const api = createClient<paths>({
  baseUrl: '/',
  // lists go out as one value with commas; a parameter given twice is refused
  querySerializer: { array: { style: 'form', explode: false } },
  fetch: async (request) => await reach(request),
});

api.use({
  onRequest: ({ request }) => {
    for (const [name, value] of Object.entries(proof())) request.headers.set(name, value);
    return request;
  },
});

/** The headers that make a request one of these pages, for the organization that is looked at. */
export function proof(): Record<string, string> {
  const { session } = current;
  if (session === undefined) return {};
  const organization = organizationOf(session);
  return {
    'x-csrf-token': session.csrf_token,
    ...(organization && { 'x-organization-id': organization.organization_id }),
  };
}

/** The answer's body. @throws ApiError or UnreachableError */
export async function answered<T>(
  pending: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const { data, error, response } = await pending;
  if (response.ok && data !== undefined) return data;
  if (response.status === 401) window.dispatchEvent(new Event(signedOutEvent));
  throw new ApiError(response, error);
}

/** A write that may be sent again without being carried out again. */
export function once(): { 'Idempotency-Key': string } {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return { 'Idempotency-Key': [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('') };
}

export function onSignedOut(listener: () => void): () => void {
  window.addEventListener(signedOutEvent, listener);
  return () => window.removeEventListener(signedOutEvent, listener);
}

async function reach(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    if (request.signal.aborted) throw error;
    throw new UnreachableError(error);
  }
}
