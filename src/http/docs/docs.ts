/**
 * /docs: the API reference, from the OpenAPI files, and a page for each error code. Everything that a page loads comes
 * from this server.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { type Asset, describeAsset, sendAsset } from '../assets.ts';
import { type ContractName, readContract } from '../contract-file.ts';
import { escapeHtml, type Page, renderPage, setPageHeaders, strictPolicy } from '../page.ts';
import { type DescribedSurface, errorList, errorPage } from './error-pages.ts';
import { contractForm, withSamples } from './samples.ts';

export interface DocsOptions {
  readonly surfaces: readonly DescribedSurface[];
  /** Where browsers find this server; undefined: under whatever name they ask. */
  readonly publicUrl: URL | undefined;
}

/** In the order of the menu. */
const contracts = [
  { name: 'butter', title: '/api' },
  { name: 'sendgrid', title: '/v3' },
  { name: 'session', title: '/session' },
  { name: 'operator', title: '/operator' },
] as const;

const browserFolder = fileURLToPath(new URL('browser/', import.meta.url));
const swaggerFolder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

const files = [
  join(swaggerFolder, 'swagger-ui-bundle.js'),
  join(swaggerFolder, 'swagger-ui.css'),
  join(browserFolder, 'theme.js'),
  join(browserFolder, 'reference.js'),
  join(browserFolder, 'reference.css'),
  join(browserFolder, 'pages.css'),
];

/** Swagger UI writes styles into its elements. Scripts stay our own files. */
const referencePolicy = { ...strictPolicy, 'style-src': "'self' 'unsafe-inline'" };

const parameters = z.object({ name: z.string() });

export function registerDocs(app: FastifyInstance, options: DocsOptions): void {
  const assets = new Map(files.map((file) => [file.slice(file.lastIndexOf('/') + 1), lazily(file)]));

  app.get('/docs', async (_request, reply) => sendPage(reply, await index()));
  app.get('/docs/errors', async (_request, reply) => sendPage(reply, errorList()));
  app.get('/docs/errors/:name', async (request, reply) => {
    const page = errorPage(parameters.parse(request.params).name, options.surfaces);
    return page === undefined ? await notFound(reply) : sendPage(reply, page);
  });
  app.get('/docs/assets/:name', async (request, reply) => {
    const asset = await assets.get(parameters.parse(request.params).name)?.();
    if (asset === undefined) return await notFound(reply);
    return sendAsset(request, reply.header('cache-control', 'no-cache'), asset);
  });
  for (const { name } of contracts) {
    app.get(`/docs/${name}`, async (_request, reply) =>
      sendReference(reply, name, (await read(name)).info.title),
    );
    app.get(`/docs/${name}.json`, async (request, reply) => {
      const origin = options.publicUrl?.origin ?? `http://${request.headers.host ?? 'localhost'}`;
      return await reply.header('cache-control', 'no-cache').send(withSamples(await read(name), origin));
    });
  }
}

type Document = z.infer<typeof contractForm>;

async function read(name: ContractName): Promise<Document> {
  return contractForm.parse(await readContract(name));
}

/** Read and compressed when first asked for: most processes never are. */
function lazily(file: string): () => Promise<Asset> {
  let asset: Promise<Asset> | undefined;
  return () => (asset ??= load(file));
}

async function load(file: string): Promise<Asset> {
  const content = await readFile(file);
  // in between the best and the quickest: somebody waits for it
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } };
  const encoded = new Map([
    ['br', await promisify(brotliCompress)(content, quality)],
    ['gzip', await promisify(gzip)(content)],
  ] as const);
  return { ...describeAsset(file, content), encoded };
}

async function index(): Promise<Page> {
  const items: string[] = [];
  for (const { name, title } of contracts) {
    const { info } = await read(name);
    items.push(`<dt><a href="/docs/${name}">${title}</a></dt>\n<dd>${escapeHtml(info.summary)}</dd>`);
  }
  return {
    title: 'API reference',
    body:
      `<h1>API reference</h1>\n<dl>\n${items.join('\n')}\n` +
      '<dt><a href="/docs/errors">Errors</a></dt>\n<dd>Every way in which a request can fail, and what to do.</dd>\n</dl>',
  };
}

function sendReference(reply: FastifyReply, name: string, title: string): FastifyReply {
  const page = {
    title,
    head:
      '<link rel="stylesheet" href="/docs/assets/swagger-ui.css">\n' +
      '<link rel="stylesheet" href="/docs/assets/reference.css">\n' +
      '<script src="/docs/assets/swagger-ui-bundle.js" defer></script>\n' +
      '<script src="/docs/assets/reference.js" defer></script>\n',
    // of the surfaces for people who are signed in, this one asks for an organization; Swagger UI brings its own main
    body:
      (name === 'butter' ? '<p id="organization" role="status"></p>\n' : '') +
      `<div id="reference" data-url="/docs/${name}.json"></div>`,
  };
  return send(setPageHeaders(reply, referencePolicy), page);
}

function sendPage(reply: FastifyReply, page: Page): FastifyReply {
  return send(setPageHeaders(reply), { ...page, body: `<main>\n${page.body}\n</main>` });
}

function send(reply: FastifyReply, { title, head = '', body }: Page): FastifyReply {
  const links = [
    ['/', 'Dashboard'],
    ...contracts.map(({ name, title: text }) => [`/docs/${name}`, text]),
    ['/docs/errors', 'Errors'],
  ];
  const items = links.map(([href, text]) => `<li><a href="${href}">${text}</a></li>`);
  const html = renderPage({
    title: `${title} · Jackfield`,
    // at once: a page that is painted twice flashes
    head:
      '<script src="/docs/assets/theme.js"></script>\n' +
      `<link rel="stylesheet" href="/docs/assets/pages.css">\n${head}`,
    body: `<nav aria-label="Reference">\n<ul>\n${items.join('\n')}\n</ul>\n</nav>\n${body}`,
  });
  return reply.header('cache-control', 'no-cache').type('text/html; charset=utf-8').send(html);
}

async function notFound(reply: FastifyReply): Promise<FastifyReply> {
  return await reply.code(404).send({ error: 'not found' });
}
