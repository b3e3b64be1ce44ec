/** Requests to the outside: bounded in time and size, never following a redirect. */
import { Agent, request } from 'undici';

/** A verification lease lasts 2 s; with this bound on connecting, the first byte leaves while it holds. */
const connectTimeoutMs = 1_000;
const answerTimeoutMs = 8_000;
/** Nothing that is asked for is longer; what is longer is cut off unread. */
const mostAnswerBytes = 64 * 1024;

export interface OutboundRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export class Outbound implements AsyncDisposable {
  readonly #agent = new Agent({
    connect: { timeout: connectTimeoutMs },
    headersTimeout: answerTimeoutMs,
    bodyTimeout: answerTimeoutMs,
    keepAliveTimeout: 4_000,
  });

  /** @returns the status; the body is discarded. @throws where there is no answer in time. */
  async get({ url, headers, signal }: OutboundRequest): Promise<number> {
    const { statusCode, body } = await request(url, { headers, signal, dispatcher: this.#agent });
    await body.dump({ limit: mostAnswerBytes, signal });
    return statusCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }
}
