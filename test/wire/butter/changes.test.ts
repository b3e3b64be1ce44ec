import { describe, expect, it } from 'vitest';
import { startApp } from '../../support/app.ts';
import { type SessionClient, sessionCall, signIn } from '../../support/browser-session.ts';
import {
  type ButterClient,
  butterCall,
  createOrganization,
  createRoleKey,
  createSendGridKey,
  createTwilio,
} from '../../support/butter.ts';
import { until } from '../../support/delivery.ts';
import { onBothDatabases } from '../../support/matrix.ts';
import { Workers } from '../../support/workers.ts';

/** A stream, and what it has said so far. */
async function watch({ url, roleKey, organizationId }: ButterClient) {
  return await open(url, { 'x-api-key': roleKey, 'x-organization-id': organizationId });
}

/** With the cookie of a session. */
async function watchIn({ url, cookie, csrfToken, organizationId }: SessionClient) {
  return await open(url, { cookie, 'x-csrf-token': csrfToken, 'x-organization-id': organizationId });
}

async function open(url: string, headers: Readonly<Record<string, string>>) {
  const abort = new AbortController();
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

/** Well before it looks by itself whether its key still stands. */
const soonMs = 5_000;

async function endsSoon({ heard, reading }: Awaited<ReturnType<typeof watch>>): Promise<void> {
  const startedAt = performance.now();
  await reading;
  expect(heard.ended).toBe(true);
  expect(performance.now() - startedAt).toBeLessThan(soonMs);
}

/** Revokes it at `client`. */
async function revoke(client: ButterClient, key: string): Promise<void> {
  const { data: keys } = (await butterCall(client, 'GET', '/api/api-keys')).json;
  const own = keys.find((each: any) => key.startsWith(each.prefix));
  expect((await butterCall(client, 'DELETE', `/api/api-keys/${own.key_id}`)).status).toBe(200);
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
      const { key } = await createSendGridKey(own);
      await until(() => expect(mine.heard.text).toContain('event: keys\n'));
      mine.heard.text = '';
      await butterCall(own, 'DELETE', `/api/sendgrid-keys/${key.api_key_id}`);
      await until(() => expect(mine.heard.text).toContain('event: keys\n'));
      expect(theirs.heard.text).not.toContain('event:');
      await Promise.all([mine.close(), theirs.close()]);
    });

    it('ends as soon as its key is revoked, or its session signed out, and no other one does', async () => {
      const own = await createOrganization(app());
      const key = await createRoleKey(own, 'user');
      const { client } = await signIn(app(), own.roleKey);
      const [staying, byKey, bySession] = [
        await watch(own),
        await watch({ ...own, roleKey: key }),
        await watchIn(client),
      ];
      await revoke(own, key);
      await endsSoon(byKey);
      expect((await sessionCall(client, 'DELETE', '/session')).status).toBe(204);
      await endsSoon(bySession);
      await createTwilio(own);
      await until(() => expect(staying.heard.text).toContain('event: integrations\n'));
      expect(staying.heard.ended).toBe(false);
      await staying.close();
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

  it('tells at one process what another one does, and ends when another one ends its key or session', async () => {
    await using workers = await Workers.prepare();
    const [one, other] = [await workers.start(), await workers.start()];
    const key = await createRoleKey(one, 'user');
    const { client } = await signIn(one, one.roleKey);
    const [staying, byKey, bySession] = [
      await watch(other),
      await watch({ ...other, roleKey: key }),
      await watchIn({ ...client, url: other.url }),
    ];
    await createTwilio(one);
    await until(() => {
      for (const { heard } of [staying, byKey, bySession])
        expect(heard.text).toContain('event: integrations\n');
    });
    await revoke(one, key);
    await endsSoon(byKey);
    expect((await sessionCall(client, 'DELETE', '/session')).status).toBe(204);
    await endsSoon(bySession);
    expect(staying.heard.ended).toBe(false);
    await staying.close();
  });

  it('ends when the server stops, long before connections are cut', async () => {
    const app = await startApp('embedded');
    const stream = await watch(app);
    await app[Symbol.asyncDispose]();
    await stream.reading;
    expect(stream.heard.ended).toBe(true);
  });
});
