/** A key that is revoked while one of its requests is still arriving lets nothing in. */
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { butterCall, createRoleKey } from '../support/butter.ts';
import { call } from '../support/http.ts';
import { onBothDatabases } from '../support/matrix.ts';
import { createKey } from '../support/tenants.ts';

/** Sends a request's head, runs `meanwhile`, sends the body. @returns the whole answer. */
async function sendInParts(
  url: string,
  { head, body }: { readonly head: readonly string[]; readonly body: string },
  meanwhile: () => Promise<void>,
): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const common = [
    'host: x',
    'connection: close',
    'content-type: application/json',
    `content-length: ${body.length}`,
  ];
  socket.write(`${[...head, ...common].join('\r\n')}\r\n\r\n${body.slice(0, 1)}`);
  await meanwhile();
  // not end(): Node takes a client that closes its side for one that has gone
  socket.write(body.slice(1));
  let answer = '';
  for await (const chunk of socket.setEncoding('utf8')) answer += chunk;
  return answer;
}

describe('a key that is revoked while its request arrives', () => {
  onBothDatabases((app) => {
    it('makes no new key on /v3', async () => {
      const key = await createKey(app());
      const head = ['POST /v3/api_keys HTTP/1.1', `authorization: Bearer ${key}`];
      const answer = await sendInParts(app().url, { head, body: '{"name":"heir"}' }, async () => {
        const revoked = await call(app(), 'DELETE', `/v3/api_keys/${key.split('.')[1]}`, { key: app().key });
        expect(revoked.status).toBe(204);
      });
      expect(answer).toMatch(/^HTTP\/1\.1 401 /);
      expect((await call(app(), 'GET', '/v3/api_keys', { key: app().key })).text).not.toContain('heir');
    });

    it.each(['/api/api-keys', '/api/sendgrid-keys'])('makes no new key on %s', async (path) => {
      const key = await createRoleKey(app(), 'admin');
      const head = [
        `POST ${path} HTTP/1.1`,
        `x-api-key: ${key}`,
        `x-organization-id: ${app().organizationId}`,
      ];
      const body = '{"name":"heir","role":"admin"}';
      const answer = await sendInParts(app().url, { head, body }, async () => {
        const { json } = await butterCall(app(), 'GET', '/api/api-keys');
        const own = json.data.find((each: { prefix: string }) => key.startsWith(each.prefix));
        const revoked = await butterCall(app(), 'DELETE', `/api/api-keys/${own.key_id}`);
        expect(revoked.status).toBe(200);
      });
      expect(answer).toMatch(/^HTTP\/1\.1 401 /);
      expect((await butterCall(app(), 'GET', path)).text).not.toContain('heir');
    });
  });
});
