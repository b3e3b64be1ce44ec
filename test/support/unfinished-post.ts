/** A POST that announces more than it sends. */
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface UnfinishedPost extends Disposable {
  /** Whatever of the body has been sent until then. */
  readonly answer: Promise<{ readonly status: number | undefined; readonly retryAfter: string | undefined }>;
  /** Sends the body to its end. */
  finish(body: string): void;
}

interface UnfinishedPostOptions {
  /** Undefined: the body goes in chunks, and says nothing of its length. */
  readonly announcedBytes: number | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** What is sent of the body. */
  readonly beginning: string;
}

/** Resolves when the beginning has left. */
export async function beginUnfinished(url: string, options: UnfinishedPostOptions): Promise<UnfinishedPost> {
  const { announcedBytes, headers, beginning } = options;
  const agent = new Agent();
  const length = announcedBytes === undefined ? {} : { 'content-length': announcedBytes };
  const sending = request(url, {
    agent,
    method: 'POST',
    headers: { 'content-type': 'application/json', ...length, ...headers },
  });
  const answer = answerTo(sending);
  await new Promise<void>((resolve) => sending.write(beginning, () => resolve()));
  return {
    answer,
    finish: (body) => sending.end(body),
    [Symbol.dispose]: () => agent.destroy(),
  };
}

async function answerTo(sending: ClientRequest) {
  const response = await new Promise<IncomingMessage | undefined>((resolve) => {
    sending.once('response', resolve);
    // cut off, by the server or when the test is through with it
    sending.on('error', () => resolve(undefined));
  });
  if (response === undefined) return { status: undefined, retryAfter: undefined };
  await text(response).catch(() => '');
  return { status: response.statusCode, retryAfter: response.headers['retry-after'] };
}
