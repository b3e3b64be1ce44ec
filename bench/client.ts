/** An HTTP client with one connection per caller, kept open, and one request at a time on each. */
import { Pool } from 'undici';

export interface Request {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  /** The only status that counts as done. */
  readonly status: number;
}

export interface Client extends AsyncDisposable {
  /** @throws Error where the answer has another status: a bench of failures would be a fast one. */
  send(request: Request): Promise<void>;
}

export function openClient(url: string, connections: number): Client {
  const pool = new Pool(url, { connections, pipelining: 1 });
  return {
    send: async ({ method, path, key, headers, json, status }) => {
      const { statusCode, body } = await pool.request({
        method,
        path,
        headers: {
          ...headers,
          ...(key !== undefined && { authorization: `Bearer ${key}` }),
          ...(json !== undefined && { 'content-type': 'application/json' }),
        },
        body: json === undefined ? null : JSON.stringify(json),
      });
      const text = await body.text();
      if (statusCode !== status) throw new Error(`${method} ${path} was answered ${statusCode}: ${text}`);
    },
    [Symbol.asyncDispose]: async () => await pool.close(),
  };
}
