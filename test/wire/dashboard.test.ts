import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { call } from '../support/http.ts';

const index =
  '<!doctype html><title>Jackfield</title><script type="module" src="/assets/index-1a2b.js"></script>';
const script = 'console.log("the dashboard");';

/** As a build leaves it. */
async function writeBuild(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'jackfield-dashboard-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), index);
  await writeFile(join(folder, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  await writeFile(join(folder, '.built-from'), 'a hash');
  const file = join(folder, 'assets/index-1a2b.js');
  await writeFile(file, script);
  await writeFile(`${file}.br`, brotliCompressSync(script));
  await writeFile(`${file}.gz`, gzipSync(script));
  return folder;
}

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

describe('the dashboard', () => {
  let app: TestApp;
  let folder: string;
  beforeAll(async () => {
    folder = await writeBuild();
    app = await startApp('embedded', {}, folder);
  });
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  it.each([
    '/',
    '/integrations',
    '/integrations/intg_0123456789ab?tab=usage',
    '/index.html',
    '/a/b/c',
    '/apiary',
  ])('is one page, also at %s', async (path) => {
    const page = await call(app, 'GET', path);
    expect([page.status, page.text]).toEqual([200, index]);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('cache-control')).toBe('no-cache');
    expect(page.headers.get('content-security-policy')).toBe(policy);
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(page.headers.get('x-frame-options')).toBe('DENY');
    expect(page.headers.get('referrer-policy')).toBe('same-origin');
    expect(page.headers.get('cross-origin-opener-policy')).toBe('same-origin');
  });

  it('has files that a browser keeps for good, in the smallest form that it takes', async () => {
    const path = '/assets/index-1a2b.js';
    for (const [accepted, encoding] of [
      ['gzip, deflate, br', 'br'],
      ['gzip', 'gzip'],
      ['br;q=0, gzip;q=0.5', 'gzip'],
      ['identity', null],
    ] as const) {
      const file = await call(app, 'GET', path, { headers: { 'accept-encoding': accepted } });
      expect([file.status, file.text, file.headers.get('content-encoding')]).toEqual([200, script, encoding]);
      expect(file.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(file.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
      expect(file.headers.get('vary')).toBe('accept-encoding');
    }
    expect(brotliDecompressSync(brotliCompressSync(script)).toString()).toBe(script);
  });

  it('is not sent again to who has it', async () => {
    const first = await call(app, 'GET', '/');
    const headers = { 'if-none-match': first.headers.get('etag') ?? '' };
    const again = await call(app, 'GET', '/', { headers });
    expect([again.status, again.text]).toEqual([304, '']);
    expect((await call(app, 'HEAD', '/')).status).toBe(200);
  });

  it.each([
    ['a file that is not there', '/assets/index-9z9z.js'],
    ['a folder', '/assets/'],
    ['a file of the build itself', '/.built-from'],
    ['a compressed file by its own name', '/assets/index-1a2b.js.br'],
    ['a file outside', '/../package.json'],
    ['a file outside, encoded', '/%2e%2e/package.json'],
    ['a path of what monitors ask', '/metrics/x'],
    ['an unknown path of the reference', '/docs/nothing'],
    ['an unknown file of the reference', '/docs/assets/package.json'],
    ['an unknown error', '/docs/errors/constructor'],
  ])('is not what answers %s', async (_, path) => {
    const answer = await call(app, 'GET', path);
    expect([answer.status, answer.json]).toEqual([404, { error: 'not found' }]);
  });

  it('leaves paths of the surfaces to them, and other methods to nobody', async () => {
    expect((await call(app, 'GET', '/api/nothing')).json).toEqual({ detail: 'Not Found' });
    expect((await call(app, 'GET', '/v3/nothing')).status).toBe(404);
    expect((await call(app, 'GET', '/session/nothing')).json.code).toBe('route_not_found');
    expect((await call(app, 'GET', '/operator/nothing')).json.detail).toBe('No such path on this surface.');
    expect((await call(app, 'POST', '/integrations')).status).toBe(404);
  });
});

it('a server without a built dashboard says so, and how to build it', async () => {
  await using app = await startApp('embedded');
  const page = await call(app, 'GET', '/');
  expect(page.status).toBe(503);
  expect(page.text).toContain('npm run build');
  expect(page.headers.get('content-security-policy')).toBe(policy);
  expect((await call(app, 'GET', '/integrations')).status).toBe(404);
});
