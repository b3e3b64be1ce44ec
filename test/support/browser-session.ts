/** A browser that has signed in: keeps its cookie, and sends the CSRF token as our pages do. */
import { type Answer, type CallOptions, call } from './http.ts';

export interface SessionClient {
  readonly url: string;
  readonly cookie: string;
  readonly csrfToken: string;
  readonly organizationId: string;
}

export interface SignIn {
  readonly answer: Answer;
  readonly client: SessionClient;
}

/** What of a Set-Cookie header goes back to the server; undefined where none was set. */
export function cookieOf({ headers }: Answer): string | undefined {
  return headers.getSetCookie().map((line) => line.split(';')[0] ?? '')[0];
}

export async function signIn(
  app: { readonly url: string },
  apiKey: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<SignIn> {
  const answer = await call(app, 'POST', '/session', { json: { api_key: apiKey }, headers });
  if (answer.status !== 201) throw new Error(`not signed in: ${answer.status} ${answer.text}`);
  const { data } = answer.json;
  const client = {
    url: app.url,
    cookie: cookieOf(answer) ?? '',
    csrfToken: data.csrf_token,
    organizationId: data.organizations[0].organization_id,
  };
  return { answer, client };
}

/** With everything that one of our pages sends; `headers` come on top, an empty one takes a header away. */
export async function sessionCall(
  { url, cookie, csrfToken, organizationId }: SessionClient,
  method: string,
  path: string,
  { headers, ...options }: CallOptions = {},
): Promise<Answer> {
  const all = {
    cookie,
    'x-csrf-token': csrfToken,
    'x-organization-id': organizationId,
    'sec-fetch-site': 'same-origin',
    ...headers,
  };
  const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
  return await call({ url }, method, path, { ...options, headers: sent });
}
