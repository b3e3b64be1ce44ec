import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorMeanings } from '../../src/core/errors.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { call } from '../support/http.ts';

describe('the API reference', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp('embedded');
  });
  afterAll(async () => await app[Symbol.asyncDispose]());

  it.each(['butter', 'sendgrid', 'session'])(
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
    for (const name of ['butter', 'sendgrid', 'session']) {
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

  it('shows requests that work: the one for creating an integration', async () => {
    const { paths } = (await call(app, 'GET', '/docs/butter.json')).json;
    const [, command = ''] = /```sh\n([^`]+)\n```/.exec(paths['/api/integrations'].post.description) ?? [];
    const environment = {
      API_KEY: app.roleKey,
      ORGANIZATION_ID: app.organizationId,
      PATH: process.env['PATH'],
    };
    const [, script = ''] = /```js\n([\s\S]+?)\n```/.exec(paths['/api/integrations'].post.description) ?? [];
    expect(command).toContain('-H "X-API-Key: $API_KEY"');
    const { AsyncFunction } = { AsyncFunction: Object.getPrototypeOf(async () => undefined).constructor };
    Object.assign(process.env, environment);
    const lines: unknown[][] = [];
    await new AsyncFunction('console', script)({ log: (...line: unknown[]) => lines.push(line) });
    expect(lines[0]?.[0]).toBe(201);
    const syntax = (language: string) =>
      new RegExp(`\`\`\`${language}\\n([\\s\\S]+?)\\n\`\`\``).exec(
        paths['/api/integrations'].post.description,
      )?.[1];
    expect(syntax('py')).toContain('os.environ["ORGANIZATION_ID"]');
    expect(spawnSync('sh', ['-n', '-c', command]).status).toBe(0);
  });

  it('has a page for each error, with what to do and every surface’s answer', async () => {
    const list = await call(app, 'GET', '/docs/errors');
    for (const code of Object.keys(errorMeanings)) {
      expect(list.text).toContain(`href="/docs/errors/${code}"`);
      const page = await call(app, 'GET', `/docs/errors/${code}`);
      expect([code, page.status]).toEqual([code, 200]);
      for (const part of ['What to do', '>/api<', '>/v3<', '>/session<', '>/events<'])
        expect([code, part, page.text.includes(part)]).toEqual([code, part, true]);
      expect(page.headers.get('content-security-policy')).toContain("style-src 'self';");
    }
  });
});
