import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorMeanings } from '../../src/core/errors.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { type Answer, call } from '../support/http.ts';

describe('the API reference', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp('embedded');
  });
  afterAll(async () => await app[Symbol.asyncDispose]());

  it.each(['butter', 'sendgrid', 'session', 'operator'])(
    'has a page for %s that runs our own scripts only',
    async (name) => {
      const page = await call(app, 'GET', `/docs/${name}`);
      expect(page.status).toBe(200);
      const rules = page.headers.get('content-security-policy') ?? '';
      expect(rules).toContain("default-src 'none'; script-src 'self';");
      expect(rules).toContain("connect-src 'self'");
      expect(page.text).not.toMatch(
        /<script(?! src="\/docs\/assets\/[\w.-]+" defer>)|\bstyle=|\bon\w+=|https?:/,
      );
      for (const [, path = ''] of page.text.matchAll(/(?:src|href)="(\/docs\/assets\/[^"]+)"/g)) {
        const file = await call(app, 'GET', path, { headers: { 'accept-encoding': 'br' } });
        expect([path, file.status, file.headers.get('content-encoding')]).toEqual([path, 200, 'br']);
      }
      const [, document = ''] = /data-url="([^"]+)"/.exec(page.text) ?? [];
      expect((await call(app, 'GET', document)).json.openapi).toBe('3.1.0');
    },
  );

  it('shows ready requests for every operation, for this server', async () => {
    for (const name of ['butter', 'sendgrid', 'session', 'operator']) {
      const { paths } = (await call(app, 'GET', `/docs/${name}.json`)).json;
      for (const [path, item] of Object.entries<any>(paths)) {
        for (const method of ['get', 'post', 'put', 'patch', 'delete'].filter((each) => each in item)) {
          const { description } = item[method];
          for (const part of [
            `curl -X ${method.toUpperCase()} "${app.url}/`,
            'await fetch(',
            'import os, requests',
          ])
            expect([path, method, description.includes(part)]).toEqual([path, method, true]);
        }
      }
    }
  });

  it('shows requests that work: the ones for creating an integration', async () => {
    const { paths } = (await call(app, 'GET', '/docs/butter.json')).json;
    const { description } = paths['/api/integrations'].post;
    const sample = (language: string) =>
      new RegExp(`\`\`\`${language}\\n([^]+?)\\n\`\`\``).exec(description)?.[1] ?? '';
    const env = { ...process.env, API_KEY: app.roleKey, ORGANIZATION_ID: app.organizationId };
    const run = promisify(execFile);
    const node = await run(process.execPath, ['--input-type=module', '-e', sample('js')], { env });
    expect(node.stdout).toMatch(/^201 \{"success":true/);
    const shell = await run('sh', ['-n', '-c', sample('sh')]);
    expect(shell.stderr).toBe('');
    expect(sample('sh')).toContain('-H "X-API-Key: $API_KEY"');
    expect(sample('py')).toContain('"X-Organization-Id": os.environ["ORGANIZATION_ID"],');
  });

  it('has a page for each error, with what to do', async () => {
    const list = await call(app, 'GET', '/docs/errors');
    for (const code of Object.keys(errorMeanings)) {
      expect(list.text).toContain(`href="/docs/errors/${code}"`);
      const page = await call(app, 'GET', `/docs/errors/${code}`);
      expect([code, page.status]).toEqual([code, 200]);
      expect([code, page.text.includes('What to do')]).toEqual([code, true]);
      expect(page.headers.get('content-security-policy')).toContain("style-src 'self';");
    }
  });

  it('shows the answers that there are, and no others: those of the contracts', async () => {
    const shown = new Map<string, Set<string>>();
    for (const code of Object.keys(errorMeanings)) {
      for (const [prefix, status] of answersOn(await call(app, 'GET', `/docs/errors/${code}`)))
        shown.set(prefix, (shown.get(prefix) ?? new Set()).add(status));
    }
    expect([...shown.keys()].toSorted()).toEqual(['/api', '/events', '/operator', '/session', '/v3']);
    const contracts = { '/api': 'butter', '/operator': 'operator', '/session': 'session', '/v3': 'sendgrid' };
    for (const [prefix, name] of Object.entries(contracts)) {
      const { paths } = (await call(app, 'GET', `/docs/${name}.json`)).json;
      const operations: any[] = Object.values<any>(paths).flatMap((item) => Object.values(item));
      const described = operations.flatMap(({ responses = {} }) => Object.keys(responses));
      // of paths and methods that are not there no contract speaks
      const expected = new Set(['404', '405', ...described.filter((status) => status >= '400')]);
      expect([prefix, shown.get(prefix)]).toEqual([prefix, expected]);
    }
    const inUse = await call(app, 'GET', '/docs/errors/integrations_in_use');
    expect(answersOn(inUse)).toEqual([['/api', '409']]);
  });
});

/** Surface and status, row by row. */
function answersOn({ text }: Answer): readonly (readonly [string, string])[] {
  const rows = text.matchAll(/<th scope="row">([^<]+)<\/th><td>(\d+)<\/td>/g);
  return [...rows].map(([, prefix = '', status = '']) => [prefix, status] as const);
}
