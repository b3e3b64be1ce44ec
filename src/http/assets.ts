/** Files for browsers. A folder is read once, whole: no request leads to a path on the disk. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};

/** The ways in which a file may be there compressed beside itself, the smallest one first. */
const encodings = [
  { name: 'br', suffix: '.br' },
  { name: 'gzip', suffix: '.gz' },
] as const;
type Encoding = (typeof encodings)[number]['name'];

export interface Asset {
  readonly type: string;
  readonly etag: string;
  readonly content: Buffer;
  readonly encoded: ReadonlyMap<Encoding, Buffer>;
}

/** By path below the folder, with a slash in front. Undefined: there is no such folder. */
export type Assets = ReadonlyMap<string, Asset>;

export async function loadAssets(folder: string): Promise<Assets | undefined> {
  const files = await filesIn(folder);
  if (files === undefined) return undefined;
  const contents = new Map(await Promise.all(files.map(async (path) => await readEntry(folder, path))));
  const assets = new Map<string, Asset>();
  for (const [path, content] of contents) {
    const isCompressed = encodings.some(
      ({ suffix }) => contents.has(path.slice(0, -suffix.length)) && path.endsWith(suffix),
    );
    // names that begin with a dot are not for browsers
    if (isCompressed || path.includes('/.')) continue;
    const encoded = encodings.flatMap(({ name, suffix }) => {
      const compressed = contents.get(path + suffix);
      return compressed === undefined ? [] : ([[name, compressed]] as const);
    });
    assets.set(path, { ...describeAsset(path, content), encoded: new Map(encoded) });
  }
  return assets;
}

/** `cacheControl` decides what a browser may do with it next time. */
export function sendAsset(
  request: FastifyRequest,
  reply: FastifyReply,
  { type, etag, content, encoded }: Asset,
): FastifyReply {
  reply.type(type).header('etag', etag);
  if (encoded.size > 0) reply.header('vary', 'accept-encoding');
  if (request.headers['if-none-match']?.includes(etag) === true) return reply.code(304).send();
  const encoding = encodings.find(({ name }) => encoded.has(name) && accepts(request, name))?.name;
  if (encoding === undefined) return reply.send(content);
  return reply.header('content-encoding', encoding).send(encoded.get(encoding));
}

function accepts({ headers }: FastifyRequest, encoding: Encoding): boolean {
  const offers = (headers['accept-encoding'] ?? '').toLowerCase().split(',');
  return offers.some((offer) => {
    const [name = '', weight = ''] = offer.split(';').map((part) => part.trim());
    return name === encoding && !/^q=0(\.0*)?$/.test(weight);
  });
}

async function filesIn(folder: string): Promise<readonly string[] | undefined> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => `/${relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/')}`);
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'code') === 'ENOENT') return undefined;
    throw error;
  }
}

async function readEntry(folder: string, path: string): Promise<readonly [string, Buffer]> {
  return [path, await readFile(join(folder, path))];
}

export function describeAsset(path: string, content: Buffer): Omit<Asset, 'encoded'> {
  const etag = `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`;
  return { type: types[extname(path)] ?? 'application/octet-stream', etag, content };
}
