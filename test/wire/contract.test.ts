import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { Validator } from '@seriousme/openapi-schema-validator';
import { type FastifyReply, fastify } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { startApp, type TestApp } from '../support/app.ts';
import { butterContract, checkAnswers, sendGridContract, sessionContract } from '../support/contract.ts';
import { call } from '../support/http.ts';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

describe.each([
  { surface: 'SendGrid', contract: sendGridContract },
  { surface: 'Butter', contract: butterContract },
  { surface: 'session', contract: sessionContract },
])('the contract of the $surface surface', ({ contract }) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp('embedded');
  });
  afterAll(async () => await app[Symbol.asyncDispose]());

  it('keeps the rules of OpenAPI 3.1', async () => {
    const validator = new Validator();
    const result = await validator.validate(parse(await readFile(contract.url, 'utf8')));
    expect(result).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  it('gives every operation an id of its own', () => {
    const { document, operations } = contract.file;
    const ids = JSON.stringify(document).match(/"operationId":"\w+"/g) ?? [];
    expect(ids).toHaveLength([...operations.values()].flat().length);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('is served as it stands in the file', async () => {
    const answer = await call(app, 'GET', `${contract.prefix}/openapi.json`);
    expect(answer.json).toEqual(parse(await readFile(contract.url, 'utf8')));
  });

  it('declares the paths that the server routes, and no others', () => {
    const declared = [...contract.file.operations.keys()];
    expect(routedPaths(app, contract.prefix).toSorted()).toEqual(
      declared.map(withoutParameterNames).toSorted(),
    );
  });

  it('declares the methods that the server serves, and no others', async () => {
    for (const [template, declared] of contract.file.operations) {
      const path = template.replace(/\{\w+\}/g, 'intg_0a1b2c3d4e5f');
      // without a key, what is served asks for one; 404 would mean that the path is not routed
      const answers = await Promise.all(methods.map(async (method) => await call(app, method, path)));
      expect(answers.map(({ status }) => status)).not.toContain(404);
      const served = methods.filter((_, index) => answers[index]?.status !== 405);
      const expected = declared.includes('GET') ? [...declared, 'HEAD'] : declared;
      expect({ path, served: served.toSorted() }).toEqual({ path, served: expected.toSorted() });
    }
  });
});

describe('the check of answers against the contract', () => {
  const secret = 'SG.a-secret-that-no-report-may-repeat';

  it.each<{ what: string; request: string; answer: (reply: FastifyReply) => unknown }>([
    {
      what: 'the declared status, headers and body',
      request: 'GET /v3/scopes?page=1',
      answer: (reply) => reply.send({ scopes: ['marketing.read'] }),
    },
    {
      what: 'an error that stands among the shared responses',
      request: 'GET /v3/elsewhere',
      answer: (reply) => reply.code(404).send({ errors: [{ field: null, message: 'resource not found' }] }),
    },
    {
      what: 'a static path where a path with a parameter would fit too',
      request: 'POST /api/integrations/bulk-delete',
      answer: (reply) =>
        reply.send({ success: true, message: '1 integration deleted successfully', data: [integration] }),
    },
    {
      what: 'a detail among the shared responses, on the surface that has such',
      request: 'GET /api/elsewhere',
      answer: (reply) => reply.code(404).send({ detail: 'Not Found' }),
    },
    {
      what: 'lines of JSON',
      request: 'GET /api/audit-log/export',
      answer: (reply) => reply.type('application/x-ndjson').send(`${auditLine}\n${auditLine}\n`),
    },
    {
      what: 'no lines at all',
      request: 'GET /api/audit-log/export',
      answer: (reply) => reply.type('application/x-ndjson').send(''),
    },
    { what: 'anything on a path of no surface', request: 'GET /healthz', answer: () => 'fine' },
  ])('passes $what', async ({ request, answer }) => {
    expect(await violationsOf(request, answer)).toEqual([]);
  });

  it.each<{ what: string; request: string; answer: (reply: FastifyReply) => unknown; violation: string }>([
    {
      what: 'an undeclared status',
      request: 'GET /v3/scopes',
      answer: (reply) => reply.code(418).send({}),
      violation: 'GET /v3/scopes 418: status 418 is not declared',
    },
    {
      what: 'a missing header',
      request: 'GET /v3/scopes',
      answer: (reply) => reply.removeHeader('x-request-id').send({ scopes: [] }),
      violation: 'GET /v3/scopes 200: header X-Request-Id is missing',
    },
    {
      what: 'a header of the wrong form',
      request: 'GET /v3/scopes',
      answer: (reply) => reply.header('x-ratelimit-reset', 'soon').send({ scopes: [] }),
      violation: 'GET /v3/scopes 200: header X-RateLimit-Reset must be integer',
    },
    {
      what: 'an undeclared property',
      request: 'GET /v3/scopes',
      answer: (reply) => reply.send({ scopes: [], token: secret }),
      violation: 'GET /v3/scopes 200: body must NOT have additional properties: token',
    },
    {
      what: 'a value of the wrong form',
      request: 'GET /v3/scopes',
      answer: (reply) => reply.send({ scopes: [secret] }),
      violation: 'GET /v3/scopes 200: body/scopes/0 must match pattern "^[a-z0-9_.-]{1,100}$"',
    },
    {
      what: 'a body that is no JSON',
      request: 'GET /v3/scopes',
      answer: (reply) => reply.type('application/json').send(secret),
      violation: 'GET /v3/scopes 200: body is no JSON',
    },
    {
      what: 'another content type',
      request: 'GET /v3/scopes',
      answer: (reply) => reply.type('text/plain').send(secret),
      violation: 'GET /v3/scopes 200: Content-Type must be application/json',
    },
    {
      what: 'a body where none is declared',
      request: `DELETE /v3/api_keys/${secret}`,
      answer: (reply) => reply.hijack().raw.writeHead(204, headers).end(secret),
      violation: 'DELETE /v3/api_keys/{api_key_id} 204: body must be empty',
    },
    {
      what: 'success on a path that is not declared',
      request: 'GET /v3/elsewhere',
      answer: (reply) => reply.send({}),
      violation: 'GET /v3/elsewhere 200: status 200 is not declared',
    },
    {
      what: 'success with a method that is not declared',
      request: 'PUT /v3/scopes',
      answer: (reply) => reply.send({ scopes: [] }),
      violation: 'PUT /v3/scopes 200: status 200 is not declared',
    },
    {
      what: 'credentials in an integration',
      request: 'GET /api/integrations/intg_0a1b2c3d4e5f',
      answer: (reply) =>
        reply.header('etag', '"1"').send({ success: true, data: { ...integration, auth_token: secret } }),
      violation:
        'GET /api/integrations/{integration_id} 200: body/data must NOT have additional properties: auth_token',
    },
    {
      what: 'an error in the words of the other surface',
      request: 'GET /api/elsewhere',
      answer: (reply) => reply.code(404).send({ detail: 'resource not found' }),
      violation: 'GET /api/elsewhere 404: body/detail must be equal to constant',
    },
    {
      what: 'a line that is not ended',
      request: 'GET /api/audit-log/export',
      answer: (reply) => reply.type('application/x-ndjson').send(auditLine),
      violation: 'GET /api/audit-log/export 200: body is no JSON',
    },
    {
      what: 'a line of the wrong form',
      request: 'GET /api/audit-log/export',
      answer: (reply) => reply.type('application/x-ndjson').send(`${auditLine}\n"${secret}"\n`),
      violation: 'GET /api/audit-log/export 200: body/1 must be object',
    },
  ])('reports $what', async ({ request, answer, violation }) => {
    expect(await violationsOf(request, answer)).toEqual([violation]);
  });

  it('reports an answer to a request that was not even HTTP', async () => {
    // by the framework's own handler, which knows nothing of this contract
    const violations = await violationsOf('NONSENSE', (reply) => reply.send());
    expect(violations).toContain('unreadable request /v3 400: header X-Request-Id is missing');
  });

  it('knows the surface of a request that could be read in its first line only', async () => {
    const violations = await violationsOf('GET /api/x HTTP/1.1\r\nbad header\r\n\r\n', (reply) =>
      reply.send(),
    );
    expect(violations).toContain('unreadable request /api 400: header X-Request-Id is missing');
  });
});

const integration = {
  integration_id: 'intg_0a1b2c3d4e5f',
  client_id: 'org_abc123',
  name: 'Product analytics',
  provider: 'segment',
  category: 'customer_data',
  status: 'active',
  created_at: '2031-01-15T10:30:00Z',
  updated_at: '2031-01-15T10:30:00Z',
};
const auditLine = JSON.stringify({
  entry_id: 1,
  at: '2031-01-15T10:30:00Z',
  actor: { type: 'api_key', id: 'apikey_0a1b2c3d4e5f', client_id: 'org_abc123' },
  request_id: 'r1',
  action: 'integration.deleted',
  target: { type: 'integration', id: 'intg_0a1b2c3d4e5f' },
  details: {},
});
const headers = {
  'x-request-id': 'r1',
  'x-ratelimit-limit': '5',
  'x-ratelimit-remaining': '4',
  'x-ratelimit-reset': '9',
};

/** What is reported of one request to a small server of one route, which answers with the declared headers. */
async function violationsOf(
  request: string,
  answer: (reply: FastifyReply) => unknown,
): Promise<readonly string[]> {
  const [method = '', target = '/'] = request.split(' ');
  const server = fastify();
  // encapsulated and there before the check, like the surfaces of the app
  await server.register(async (plugin) => {
    if (target === '/') return;
    const url = target.split('?')[0] ?? '';
    plugin.route({ method, url, handler: async (_, reply) => await answer(reply.headers(headers)) });
  });
  const check = checkAnswers(server);
  const url = new URL(await server.listen({ host: '127.0.0.1', port: 0 }));
  const socket = connect(Number(url.port), url.hostname);
  socket.write(`${request} HTTP/1.1\r\nHost: ${url.host}\r\nConnection: close\r\n\r\n`);
  await once(socket.resume(), 'close');
  await server.close();
  try {
    check.assertNoViolations();
    return [];
  } catch (error) {
    return error instanceof Error ? error.message.split('\n').slice(1) : [];
  }
}

/** The router prints a tree: a route below another one stands under it, further in, without the path above. */
function routedPaths({ app }: TestApp, prefix: string): readonly string[] {
  const above: string[] = [];
  const paths = app.server
    .printRoutes({ commonPrefix: false })
    .split('\n')
    .flatMap((line) => {
      const [, indent, part] = /^([│ ]*)[├└]── (\S+)/.exec(line) ?? [];
      if (indent === undefined || part === undefined) return [];
      above.length = indent.length / '│   '.length;
      above.push(part);
      return [above.join('')];
    });
  // the one wildcard is OPTIONS, which the contract describes once for all paths
  return paths
    .filter((path) => (path === prefix || path.startsWith(`${prefix}/`)) && !path.includes('*'))
    .map(withoutParameterNames);
}

function withoutParameterNames(path: string): string {
  return path.replace(/:\w+|\{\w+\}/g, '{}');
}
