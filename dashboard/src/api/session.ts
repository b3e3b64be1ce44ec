/** Who is signed in, for which organizations, and with which token requests prove that they come from these pages. */
import { ApiError, UnreachableError } from './failure.ts';
import type { components } from './generated/session.ts';

type Schemas = components['schemas'];
export type Session = Schemas['Session'];
type Organization = Schemas['SessionOrganization'];
type SignInMethods = Schemas['MethodsAnswer']['data'];

/** Under which name the session is among what was read. */
export const sessionKey = ['session'] as const;

const chosenKey = 'jackfield.organization';

/** The session of this tab; client.ts reads it for every request. */
export const current: { session: Session | undefined } = { session: undefined };

export async function fetchSession(): Promise<Session | null> {
  const response = await reach('/session');
  if (response.status === 401) {
    current.session = undefined;
    return null;
  }
  return await accept(response);
}

export async function signIn(apiKey: string): Promise<Session> {
  const response = await reach('/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...csrfHeader() },
    body: JSON.stringify({ api_key: apiKey }),
  });
  return await accept(response);
}

export async function signOut(): Promise<void> {
  const response = await reach('/session', { method: 'DELETE', headers: csrfHeader() });
  if (!response.ok && response.status !== 401) throw new ApiError(response, await bodyOf(response));
  current.session = undefined;
}

export async function fetchMethods(): Promise<SignInMethods> {
  const response = await reach('/session/methods');
  if (!response.ok) throw new ApiError(response, await bodyOf(response));
  return Object(await response.json()).data;
}

/** The organization of this tab: the chosen one where it is still one of the session's, else the first. */
export function organizationOf(session: Session): Organization | undefined {
  const chosen = sessionStorage.getItem(chosenKey);
  return session.organizations.find((each) => each.organization_id === chosen) ?? session.organizations[0];
}

export function chooseOrganization(id: string): void {
  sessionStorage.setItem(chosenKey, id);
  for (const listener of listeners) listener();
}

const listeners = new Set<() => void>();

/** Tells when another organization was chosen. */
export function onChoice(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

async function accept(response: Response): Promise<Session> {
  const body = await bodyOf(response);
  if (!response.ok) throw new ApiError(response, body);
  const session: Session = Object(body).data;
  current.session = session;
  return session;
}

function csrfHeader(): Record<string, string> {
  return current.session === undefined ? {} : { 'x-csrf-token': current.session.csrf_token };
}

async function reach(path: string, init?: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (error) {
    throw new UnreachableError(error);
  }
}

async function bodyOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    // a proxy's page, or nothing: the status says enough
    return undefined;
  }
}
