/** What stands in for Twilio: an HTTP server on loopback that notes who asked for which account, and when. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type ButterClient, createTwilio, twilioBody } from './butter.ts';

export interface TwilioRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string;
  /** By performance.now(). */
  readonly arrivedAt: number;
  /** When it was answered or cut off; undefined: neither yet. */
  closedAt: number | undefined;
}

export const answerWith =
  (status: number, headers: Readonly<Record<string, string>> = {}): RequestListener =>
  (_, response) =>
    void response.writeHead(status, headers).end('{}');

/** Takes the request and says nothing. */
export const hang: RequestListener = () => undefined;

export class TwilioServer implements AsyncDisposable {
  readonly url: string;
  /** How to answer for an account; the others are answered with 200. */
  readonly answers = new Map<string, RequestListener>();
  readonly requests: TwilioRequest[] = [];
  readonly #server: Server;

  private constructor(server: Server, url: string) {
    this.#server = server;
    this.url = url;
    server.on('request', (request, response) => {
      const { method = '', url: path = '', headers } = request;
      const { authorization = '' } = headers;
      const noted: TwilioRequest = {
        method,
        path,
        authorization,
        arrivedAt: performance.now(),
        closedAt: undefined,
      };
      this.requests.push(noted);
      response.once('close', () => {
        noted.closedAt = performance.now();
      });
      const answer = this.answers.get(/AC[0-9a-f]{32}/.exec(path)?.[0] ?? '') ?? answerWith(200);
      answer(request, response);
    });
  }

  static async start(port = 0): Promise<TwilioServer> {
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the server listens nowhere');
    return new TwilioServer(server, `http://127.0.0.1:${address.port}`);
  }

  requestsFor(account: Account): readonly TwilioRequest[] {
    return this.requests.filter(({ path }) => path.includes(account.sid));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}

export interface Account {
  readonly sid: string;
  readonly token: string;
}

export function newAccount(): Account {
  return { sid: `AC${randomBytes(16).toString('hex')}`, token: randomBytes(16).toString('hex') };
}

/** The body of an integration with the account. */
export function bodyOf({ sid, token }: Account) {
  return { ...twilioBody(), credentials: { provider: 'twilio', account_sid: sid, auth_token: token } };
}

/** Makes an integration whose account is answered for like that. */
export async function connect(twilio: TwilioServer, client: ButterClient, answer: RequestListener) {
  const account = newAccount();
  twilio.answers.set(account.sid, answer);
  return { account, id: await createTwilio(client, { json: bodyOf(account) }) };
}
