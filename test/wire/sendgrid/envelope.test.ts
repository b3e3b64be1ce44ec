import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { startApp } from '../../support/app.ts';
import { call } from '../../support/http.ts';
import { onBothDatabases } from '../../support/matrix.ts';
import { createTenant } from '../../support/tenants.ts';

const path = '/v3/marketing/integrations';

describe('every answer', () => {
  onBothDatabases((app) => {
    it('carries a request id, and repeats a harmless one from outside', async () => {
      for (const at of ['/v3/scopes', '/v3/nothing', '/healthz', '/nothing', '/v3/%zz']) {
        const own = await call(app(), 'GET', at);
        expect(own.headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{24}$/);
        const given = await call(app(), 'GET', at, { headers: { 'x-request-id': 'trace-1.a_B' } });
        expect(given.headers.get('x-request-id')).toBe('trace-1.a_B');
        const odd = await call(app(), 'GET', at, { headers: { 'x-request-id': 'a b"c' } });
        expect(odd.headers.get('x-request-id')).toMatch(/^req_/);
      }
    });

    it('says where the rate limit stands, whatever the outcome', async () => {
      const now = Math.floor(Date.now() / 1_000);
      for (const [method, at, key] of [
        ['GET', '/v3/scopes', app().key],
        ['GET', '/v3/scopes', undefined],
        ['GET', '/v3/scopes', 'bad'],
        ['GET', '/v3/nothing', app().key],
        ['DELETE', `${path}?ids=x`, app().key],
        ['POST', path, app().key],
      ] as const) {
        const { headers } = await call(app(), method, at, { key });
        expect(Number(headers.get('x-ratelimit-limit'))).toBe(1_000_000);
        expect(Number(headers.get('x-ratelimit-remaining'))).toBeLessThan(1_000_000);
        const reset = Number(headers.get('x-ratelimit-reset'));
        expect(reset).toBeGreaterThanOrEqual(now);
        expect(reset).toBeLessThanOrEqual(now + 60);
      }
    });

    it('to an unknown path is 404, and to an unknown method 405 with the known ones, in the envelope', async () => {
      for (const at of ['/v3', '/v3/', '/v3/nothing', `${path}/a/b`]) {
        const answer = await call(app(), 'GET', at, { key: app().key });
        expect([answer.status, answer.json]).toEqual([
          404,
          { errors: [{ field: null, message: 'resource not found' }] },
        ]);
      }
      for (const [method, at, allow] of [
        ['PUT', path, 'DELETE, GET, HEAD, POST'],
        ['DELETE', `${path}/intg_000000000000`, 'GET, HEAD, PATCH'],
        ['POST', '/v3/scopes', 'GET, HEAD'],
      ] as const) {
        const answer = await call(app(), method, at, { key: app().key });
        expect([answer.status, answer.json, answer.headers.get('allow')]).toEqual([
          405,
          { errors: [{ field: null, message: 'method not allowed' }] },
          allow,
        ]);
      }
    });

    it('to a browser on another origin is as the real gateway gives it', async () => {
      const preflight = await call(app(), 'OPTIONS', path, {
        headers: { origin: 'https://example.com', 'access-control-request-method': 'DELETE' },
      });
      expect(preflight.status).toBe(204);
      const allowed = [
        'access-control-allow-origin',
        'access-control-allow-headers',
        'access-control-max-age',
      ];
      expect(allowed.map((name) => preflight.headers.get(name))).toEqual([
        '*',
        'Authorization, Content-Type, On-behalf-of',
        '21600',
      ]);
      const plain = await call(app(), 'GET', path, { headers: { origin: 'https://example.com' } });
      expect(plain.headers.get('access-control-allow-origin')).toBe('*');
      expect(plain.headers.get('x-content-type-options')).toBe('nosniff');
    });

    it('to a request that is not HTTP is still in the envelope', async () => {
      const text = await sendRaw(app().url, 'GET /v3/scopes HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n');
      expect(text).toMatch(/^HTTP\/1\.1 400 /);
      expect(JSON.parse(text.slice(text.indexOf('\r\n\r\n'))).errors).toHaveLength(1);
      // the id that the client was given is found again in the log
      const id = /x-request-id: (\S+)/.exec(text)?.[1] ?? 'none';
      expect(app().logLines.some((line) => line.includes(id))).toBe(true);
    });

    it('without Host, or with an expectation nobody knows, is no exception', async () => {
      const noHost = await sendRaw(app().url, 'GET /v3/scopes HTTP/1.1\r\nconnection: close\r\n\r\n');
      expect(noHost).toMatch(/^HTTP\/1\.1 400 [\s\S]*"errors"/);
      const head = `GET /v3/scopes HTTP/1.1\r\nhost: x\r\nexpect: wonders\r\nconnection: close\r\n\r\n`;
      expect(await sendRaw(app().url, head)).toMatch(/^HTTP\/1\.1 401 [\s\S]*"errors"/);
    });

    it('to a method that nobody uses here is 405 too', async () => {
      for (const method of ['PROPFIND', 'QUERY', 'TRACE']) {
        const text = await sendRaw(
          app().url,
          `${method} ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`,
        );
        expect(text).toMatch(/^HTTP\/1\.1 405 /);
      }
    });

    it('tolerates what clients send without meaning it', async () => {
      const { key } = await createTenant(app());
      const type = { 'content-type': 'application/json' };
      expect((await call(app(), 'GET', path, { key, headers: type })).status).toBe(200);
      const upper = await call(app(), 'GET', path, {
        headers: { AUTHORIZATION: `bearer ${key}`, 'ON-BEHALF-OF': '' },
      });
      expect(upper.status).toBe(200);
    });
  });
});

describe('the rate limit', () => {
  it('holds per key, recovers, and bounds guesses from one address', async () => {
    await using app = await startApp('embedded', { JACKFIELD_RATE_LIMIT_PER_SECOND: '5' });
    const burst = async (keys: readonly string[]) =>
      await Promise.all(keys.map(async (key) => await call(app, 'GET', '/v3/scopes', { key })));

    const answers = await burst(Array.from({ length: 60 }, () => app.key));
    const refused = answers.filter((answer) => answer.status === 429);
    // even on a machine so slow that the burst takes several seconds, most of it is refused
    expect(refused.length).toBeGreaterThanOrEqual(20);
    expect(answers.filter((answer) => answer.status === 200).length).toBeGreaterThanOrEqual(5);
    const [first] = refused;
    expect(first?.json).toEqual({ errors: [{ field: null, message: 'too many requests' }] });
    expect(first?.headers.get('retry-after')).toBe('1');
    expect(first?.headers.get('x-ratelimit-remaining')).toBe('0');

    const guesses = Array.from(
      { length: 60 },
      (_, index) => `SG.${'x'.repeat(22)}.${String(index).padStart(43, 'y')}`,
    );
    const statuses = (await burst(guesses)).map((answer) => answer.status);
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(20);

    let status = 0;
    while (status !== 200) status = (await call(app, 'GET', '/v3/scopes', { key: app.key })).status;
  });
});

describe('the region', () => {
  it('of the server refuses accounts of the other one', async () => {
    await using app = await startApp('embedded', { JACKFIELD_REGION: 'eu' });
    expect((await call(app, 'GET', '/v3/scopes', { key: app.key })).status).toBe(200);
    const json = { username: 'worldwide', email: 'a@example.com', password: 'x', ips: [], region: 'global' };
    await call(app, 'POST', '/v3/subusers', { key: app.key, json });
    expect((await call(app, 'GET', '/v3/scopes', { key: app.key, onBehalfOf: 'worldwide' })).status).toBe(
      451,
    );
  });
});

async function sendRaw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  // not end(): Node takes a client that closes its side for one that has gone
  socket.write(text);
  let answer = '';
  for await (const chunk of socket.setEncoding('utf8')) answer += chunk;
  return answer;
}
