/**
 * The limit of requests per second and bucket, in fixed windows of one second, counted in this process.
 * Every answer says where the caller stands: X-RateLimit-Limit, -Remaining, -Reset (unix seconds).
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../core/errors.ts';

const windowMs = 1_000;

declare module 'fastify' {
  interface FastifyRequest {
    rateLimitBucket: string;
    rateLimitMax: number;
  }
}

/** Counts one request in a bucket. @throws AppError rate_limited */
export type RateLimiter = (
  request: FastifyRequest,
  reply: FastifyReply,
  bucket: string,
  /** Undefined: the server's own limit. */
  perSecond?: number,
) => Promise<void>;

/** Needs @fastify/rate-limit on the instance or one around it. */
export function createRateLimiter(app: FastifyInstance, serverLimit: number): RateLimiter {
  const check = app.createRateLimit({
    max: (request) => request.rateLimitMax,
    timeWindow: windowMs,
    keyGenerator: (request) => request.rateLimitBucket,
  });
  return async (request, reply, bucket, perSecond = serverLimit) => {
    request.rateLimitBucket = bucket;
    request.rateLimitMax = Math.min(perSecond, serverLimit);
    const result = await check(request);
    if (result.isAllowed) return;
    reply.header('x-ratelimit-limit', result.max);
    reply.header('x-ratelimit-remaining', result.remaining);
    reply.header('x-ratelimit-reset', Math.ceil((Date.now() + result.ttl) / 1_000));
    if (!result.isExceeded) return;
    reply.header('retry-after', Math.max(1, result.ttlInSeconds));
    throw new AppError({ code: 'rate_limited' });
  };
}
