/** A POST whose headers have arrived and whose body has not, until the test sends it. */
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface SlowRequest extends Disposable {
  /** Sends the missing half of the body. @returns the answer. */
  complete(): Promise<{ readonly status: number | undefined; readonly text: string }>;
  /** The error that the connection ends with, where it is cut off. */
  cutOff(): Promise<Error>;
}

interface SlowRequestOptions {
  readonly key: string;
  readonly json: unknown;
}

/** Resolves when the server has said that it waits for the body. */
export async function beginPost(url: string, { key, json }: SlowRequestOptions): Promise<SlowRequest> {
  const body = JSON.stringify(json);
  // kept alive, as every client library does: an idle connection must not hold up the server's end
  const agent = new Agent({ keepAlive: true });
  const sending = request(url, {
    agent,
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      expect: '100-continue',
    },
  });
  const error = Promise.withResolvers<Error>();
  sending.on('error', error.resolve);
  const answered = new Promise<IncomingMessage>((resolve) => sending.once('response', resolve));
  const middle = Math.floor(body.length / 2);
  sending.flushHeaders();
  await once(sending, 'continue');
  sending.write(body.slice(0, middle));
  return {
    complete: async () => {
      sending.end(body.slice(middle));
      const response = await answered;
      return { status: response.statusCode, text: await text(response) };
    },
    cutOff: async () => await error.promise,
    [Symbol.dispose]: () => agent.destroy(),
  };
}
