/** Requests to the outside: bounded in time and size, never following a redirect. */
import { Agent, buildConnector, errors, request } from 'undici';
import { Exchange, mostAnswerBytes, type OutboundAnswer } from './exchange.ts';

/** Leases last 2 s; with this bound on connecting, the first byte leaves while one holds. */
const connectTimeoutMs = 1_000;
const answerTimeoutMs = 10_000;
const connect = buildConnector({ timeout: connectTimeoutMs });

/** The agent's own timers are up to half a second late, and a stalled process later still: the clock decides. */
const connectInTime: buildConnector.connector = (options, callback) => {
  const startedAt = performance.now();
  connect(options, (...[error, socket]) => {
    if (error !== null) return callback(error, null);
    if (performance.now() - startedAt <= connectTimeoutMs) return callback(null, socket);
    socket.destroy();
    callback(new errors.ConnectTimeoutError('connecting took too long'), null);
  });
};

export interface OutboundRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

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

  /** Never throws. The whole exchange has one deadline. */
  async post({
    url,
    headers,
    body,
    signal,
  }: OutboundRequest & { readonly body: string }): Promise<OutboundAnswer> {
    const exchange = new Exchange();
    const cancel = () => exchange.cancel();
    signal.addEventListener('abort', cancel);
    const deadline = setTimeout(() => exchange.expire(), connectTimeoutMs + answerTimeoutMs);
    try {
      if (signal.aborted) cancel();
      else {
        const { origin, pathname: path } = url;
        this.#agent.dispatch({ origin, path, method: 'POST', headers: { ...headers }, body }, exchange);
      }
      return await exchange.answer;
    } finally {
      clearTimeout(deadline);
      signal.removeEventListener('abort', cancel);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }
}
