import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorMeanings } from '../../src/core/errors.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { signIn } from '../support/browser-session.ts';
import { type Answer, call } from '../support/http.ts';
import { createSegment } from '../support/webhook.ts';

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
        /<script(?! src="\/docs\/assets\/[\w.-]+"(?: defer)?>)|\bstyle=|\bon\w+=|https?:/,
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

  it('shows requests whole: every part of the path, and every parameter that is required', async () => {
    for (const name of ['butter', 'sendgrid', 'session', 'operator']) {
      const document = (await call(app, 'GET', `/docs/${name}.json`)).json;
      for (const [path, item] of Object.entries<any>(document.paths)) {
        const pattern = new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[\\w.-]+')}$`);
        for (const method of ['get', 'post', 'put', 'patch', 'delete'].filter((each) => each in item)) {
          const { description, parameters } = item[method];
          const urls = samplesOf(description).map((text) => /["'](https?:[^"']+)["']/.exec(text)?.[1] ?? '');
          expect([path, method, new Set(urls).size]).toEqual([path, method, 1]);
          const { pathname, searchParams } = new URL(urls[0] ?? '');
          expect(pathname).toMatch(pattern);
          const required = [...(item.parameters ?? []), ...parameters]
            .map(({ $ref = '' }) => document.components.parameters?.[$ref.split('/').at(-1)])
            .filter((each) => each?.in === 'query' && each.required);
          for (const each of required)
            expect([path, method, each.name, searchParams.get(each.name)]).toEqual([
              path,
              method,
              each.name,
              expect.stringMatching(/./),
            ]);
        }
      }
    }
    const { paths } = (await call(app, 'GET', '/docs/sendgrid.json')).json;
    const bulk: string = paths['/v3/marketing/integrations'].delete.description;
    expect(bulk).toContain('/v3/marketing/integrations?ids=intg_0a1b2c3d4e5f&ids=intg_5f4e3d2c1b0a"');
  });

  it('shows requests that work: counting what was delivered, and reading a session', async () => {
    const { paths } = (await call(app, 'GET', '/docs/butter.json')).json;
    const { client } = await signIn(app, app.roleKey);
    const env = {
      ...process.env,
      API_KEY: app.roleKey,
      ORGANIZATION_ID: app.organizationId,
      JACKFIELD_SESSION: client.cookie.split('=')[1],
    };
    const run = async (description: string) => {
      const [, script = ''] = samplesOf(description);
      return (await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { env }))
        .stdout;
    };
    const { id } = await createSegment(app);
    const stats: string = paths['/api/integrations/{integration_id}/stats'].get.description;
    expect(await run(stats.replaceAll('intg_0a1b2c3d4e5f', id))).toMatch(/^200 \{"success":true/);
    const session = (await call(app, 'GET', '/docs/session.json')).json.paths['/session'].get.description;
    expect(await run(session)).toMatch(/^200 \{"success":true/);
    expect(session).toContain('-H "Cookie: jackfield_session=$JACKFIELD_SESSION"');
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

/** In curl, Node and Python. */
function samplesOf(description: string): readonly string[] {
  const samples = [...description.matchAll(/```(?:sh|js|py)\n([^]+?)\n```/g)].map(([, text = '']) => text);
  expect(samples).toHaveLength(3);
  return samples;
}

/** Surface and status, row by row. */
function answersOn({ text }: Answer): readonly (readonly [string, string])[] {
  const rows = text.matchAll(/<th scope="row">([^<]+)<\/th><td>(\d+)<\/td>/g);
  return [...rows].map(([, prefix = '', status = '']) => [prefix, status] as const);
}
