/**
 * The dashboard: the files that its build has left. It is one page with many paths: what is no file and belongs to
 * nobody else is answered with that page, which finds out by itself what to show.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Assets, sendAsset } from './assets.ts';
import { renderPage, setPageHeaders } from './page.ts';

/** Below these there is something else, or nothing: a misspelt path of an API is not a page. */
const reserved = [
  '/api',
  '/v3',
  '/events',
  '/session',
  '/operator',
  '/docs',
  '/healthz',
  '/readyz',
  '/metrics',
];
/** Where the build puts files whose names change with their content. */
const hashed = '/assets/';

const notBuilt = renderPage({
  title: 'Jackfield',
  body:
    '<h1>Jackfield is running</h1>\n<p>The dashboard is not built. Run <code>npm run build</code> in the folder of ' +
    'Jackfield and start it again.</p>\n<p>The API reference is at <a href="/docs">/docs</a>.</p>',
});

export type AnswerPage = (request: FastifyRequest, reply: FastifyReply) => FastifyReply | undefined;

/** @returns what answers a path that nobody else serves; it gives undefined for what is not there. */
export function dashboardPages(assets: Assets | undefined): AnswerPage {
  const index = assets?.get('/index.html');
  return (request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    if (request.method !== 'GET' && request.method !== 'HEAD') return undefined;
    if (reserved.some((prefix) => path === prefix || path.startsWith(`${prefix}/`))) return undefined;
    const asset = path === '/index.html' ? undefined : assets?.get(path);
    if (asset !== undefined) {
      const cache = path.startsWith(hashed) ? 'public, max-age=31536000, immutable' : 'no-cache';
      reply.headers({ 'cache-control': cache, 'cross-origin-resource-policy': 'same-origin' });
      // any file may be opened by itself, and some kinds can hold scripts
      return sendAsset(request, setPageHeaders(reply), asset);
    }
    const isFile = path.slice(path.lastIndexOf('/')).includes('.');
    if (path.startsWith(hashed) || (isFile && path !== '/index.html')) return undefined;
    reply.header('cache-control', 'no-cache');
    if (index !== undefined) return sendAsset(request, setPageHeaders(reply), index);
    if (path !== '/') return undefined;
    return setPageHeaders(reply).code(503).type('text/html; charset=utf-8').send(notBuilt);
  };
}
