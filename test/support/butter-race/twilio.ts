/** A Twilio that is content with all credentials. */
import { once } from 'node:events';
import { createServer } from 'node:http';

export interface Twilio extends AsyncDisposable {
  readonly url: string;
}

export async function startTwilio(): Promise<Twilio> {
  const server = createServer((_request, response) => response.end('{}')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('Twilio listens on no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
