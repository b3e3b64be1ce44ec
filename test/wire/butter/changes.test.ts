import { describe, expect, it } from 'vitest';
import { startApp } from '../../support/app.ts';
import { type ButterClient, butterCall, createOrganization, createTwilio } from '../../support/butter.ts';
import { until } from '../../support/delivery.ts';
import { onBothDatabases } from '../../support/matrix.ts';

/** A stream, and what it has said so far. */
async function watch({ url, roleKey, organizationId }: ButterClient) {
  const abort = new AbortController();
  const headers = { 'x-api-key': roleKey, 'x-organization-id': organizationId };
  const response = await fetch(`${url}/api/changes`, { headers, signal: abort.signal });
  const heard = { text: '', ended: false };
  const reading = (async () => {
    for await (const chunk of response.body ?? []) heard.text += Buffer.from(chunk).toString();
    heard.ended = true;
  })().catch(() => undefined);
  const close = async () => {
    abort.abort();
    await reading;
  };
  return { response, heard, reading, close };
}

describe('the stream of changes', () => {
  onBothDatabases((app) => {
    it('tells of changes in its own organization, and of no other', async () => {
      const [own, other] = [await createOrganization(app()), await createOrganization(app())];
      const [mine, theirs] = [await watch(own), await watch(other)];
      expect(mine.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
      await createTwilio(own);
      await until(() => expect(mine.heard.text).toContain('event: integrations\ndata: {}\n\n'));
      await butterCall(own, 'POST', '/api/event-sources', { json: { name: 'Mail', kind: 'sendgrid' } });
      await until(() => expect(mine.heard.text).toContain('event: sources\n'));
      expect(theirs.heard.text).not.toContain('event:');
      await Promise.all([mine.close(), theirs.close()]);
    });

    it('is bounded for an organization, and a stream that was closed makes room', async () => {
      const own = await createOrganization(app());
      const streams = await Promise.all(Array.from({ length: 50 }, async () => await watch(own)));
      expect(streams.map(({ response }) => response.status)).toEqual(streams.map(() => 200));
      const refused = await butterCall(own, 'GET', '/api/changes');
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '15']);
      await Promise.all(streams.map(async ({ close }) => await close()));
      await until(async () => {
        const again = await watch(own);
        await again.close();
        expect(again.response.status).toBe(200);
      });
    });
  });

  it('ends when the server stops, long before connections are cut', async () => {
    const app = await startApp('embedded');
    const stream = await watch(app);
    await app[Symbol.asyncDispose]();
    await stream.reading;
    expect(stream.heard.ended).toBe(true);
  });
});
