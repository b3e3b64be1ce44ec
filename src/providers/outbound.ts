/** Requests to the outside: bounded in time and size, never following a redirect. */
import { Agent, buildConnector, request } from 'undici';

/** Leases last 2 s; with this bound on connecting, the first byte leaves while one holds. */
const connectTimeoutMs = 1_000;
const answerTimeoutMs = 10_000;
/** Nothing that is asked for is longer; what is longer is cut off unread. */
const mostAnswerBytes = 64 * 1024;
/** What of an answer is kept for people. */
const keptAnswerCharacters = 500;

const connect = buildConnector({ timeout: connectTimeoutMs });

/** The agent's own timers are up to half a second late, and a stalled process later still: the clock decides. */
const connectInTime: buildConnector.connector = (options, callback) => {
  const startedAt = performance.now();
  connect(options, (...[error, socket]) => {
    if (error !== null) return callback(error, null);
    if (performance.now() - startedAt <= connectTimeoutMs) return callback(null, socket);
    socket.destroy();
    callback(new Error('connecting took too long'), null);
  });
};

export interface OutboundRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export type OutboundAnswer =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly headers: Readonly<Record<string, string | undefined>>;
      /** The first characters of the body. */
      readonly text: string;
    }
  | { readonly kind: 'failed'; readonly reason: string };

export class Outbound implements AsyncDisposable {
  readonly #agent = new Agent({
    connect: connectInTime,
    headersTimeout: answerTimeoutMs,
    bodyTimeout: answerTimeoutMs,
    keepAliveTimeout: 4_000,
    maxHeaderSize: 32 * 1024,
  });

  /** @returns the status; the body is discarded. @throws where there is no answer in time. */
  async get({ url, headers, signal }: OutboundRequest): Promise<number> {
    const { statusCode, body } = await request(url, { headers, signal, dispatcher: this.#agent });
    await body.dump({ limit: mostAnswerBytes, signal });
    return statusCode;
  }

  /** Never throws: what goes wrong on the way is an answer too. The whole exchange has one deadline. */
  async post({
    url,
    headers,
    body,
    signal,
  }: OutboundRequest & { readonly body: string }): Promise<OutboundAnswer> {
    // a signal that follows others costs more than all the rest of a small request
    const abort = new AbortController();
    const stop = () => abort.abort();
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    const deadline = setTimeout(stop, connectTimeoutMs + answerTimeoutMs);
    try {
      const answer = await request(url, {
        method: 'POST',
        headers,
        body,
        signal: abort.signal,
        dispatcher: this.#agent,
      });
      const text = await readStart(answer.body, signal);
      return { kind: 'answered', status: answer.statusCode, headers: singleHeaders(answer.headers), text };
    } catch (error) {
      if (signal.aborted) return { kind: 'failed', reason: 'aborted' };
      return { kind: 'failed', reason: abort.signal.aborted ? 'no answer in time' : reasonOf(error) };
    } finally {
      clearTimeout(deadline);
      signal.removeEventListener('abort', stop);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }
}

/** Reads an answer up to its bound and lets go of the rest, with the connection. The status has been told by then. */
async function readStart(body: AsyncIterable<Buffer>, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= mostAnswerBytes) break;
    }
  } catch (error) {
    // a body that breaks off changes nothing about the status, unless somebody wanted the request to end
    if (signal.aborted) throw error;
  }
  return Buffer.concat(chunks).toString('utf8').slice(0, keptAnswerCharacters).replaceAll('\0', '');
}

function singleHeaders(headers: Readonly<Record<string, string | string[] | undefined>>) {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
}

/** The kind of failure, not its message: that names addresses and changes with versions. */
function reasonOf(error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? code : 'no answer';
}
