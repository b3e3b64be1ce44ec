/** The bodies of posts: read within the budget, and decompressed one at a time. */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../../core/errors.ts';
import type { IntakeShare } from '../../services/intake-budget.ts';

const mostBodyBytes = 8 * 1024 * 1024;

const unzip = promisify(gunzip);

/** What a post says that it is going to send, at most. @throws AppError payload_too_large, unsupported_media_type */
export function announcedBytesOf(request: FastifyRequest): number {
  encodingOf(request);
  const length = request.headers['content-length'];
  const bytes = length === undefined ? mostBodyBytes : Number(length);
  if (bytes > mostBodyBytes) throw tooLarge();
  return bytes;
}

export class BodyReader {
  /** The decompression under way; never fails. */
  #unzipping: Promise<unknown> = Promise.resolve();

  /** @throws AppError payload_too_large, invalid_request, malformed_request, overloaded */
  async read(request: FastifyRequest, share: IntakeShare): Promise<Uint8Array> {
    const body = await arrived(request, share);
    if (encodingOf(request) === 'identity') return body;
    const unzipped = this.#unzipping.then(async () => await unzipWhole(body));
    this.#unzipping = unzipped.catch(() => undefined);
    const whole = await unzipped;
    share.grow(whole.length);
    return whole;
  }
}

async function arrived({ raw }: FastifyRequest, share: IntakeShare): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const take = (chunk: Buffer) => {
    try {
      bytes += chunk.length;
      if (bytes > mostBodyBytes) throw tooLarge();
      share.grow(chunk.length);
      chunks.push(chunk);
    } catch (error) {
      reject(error);
    }
  };
  const broken = () => reject(new AppError({ code: 'malformed_request' }));
  // what still arrives after a refusal is read by nobody, and dropped
  raw.on('data', take).once('end', resolve);
  raw.once('error', broken).once('close', broken);
  if (raw.destroyed) broken();
  share.revoked.addEventListener('abort', () => reject(share.revoked.reason), { once: true });
  try {
    await promise;
  } finally {
    raw.off('data', take);
  }
  return Buffer.concat(chunks, bytes);
}

async function unzipWhole(body: Uint8Array): Promise<Uint8Array> {
  try {
    return await unzip(body, { maxOutputLength: mostBodyBytes });
  } catch (error) {
    const isTooLarge = error instanceof Error && Reflect.get(error, 'code') === 'ERR_BUFFER_TOO_LARGE';
    if (isTooLarge) throw tooLarge(error);
    const message = 'the body is not gzip';
    throw new AppError({ code: 'invalid_request', issues: [{ path: [], message }] }, { cause: error });
  }
}

/** @throws AppError unsupported_media_type */
function encodingOf({ headers }: FastifyRequest): 'identity' | 'gzip' {
  const encoding = headers['content-encoding'] ?? '';
  if (encoding === '' || encoding === 'identity') return 'identity';
  if (encoding !== 'gzip') throw new AppError({ code: 'unsupported_media_type' });
  return 'gzip';
}

function tooLarge(cause?: unknown): AppError {
  return new AppError({ code: 'payload_too_large' }, { cause });
}
