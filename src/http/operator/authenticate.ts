/** Only the operator key opens this surface, and it opens no other. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../core/errors.ts';
import type { OperatorKeyService } from '../../services/operator-key.ts';
import type { RateLimiter } from '../rate-limit.ts';

/** From one address in a second. Nobody guesses 256 bits, but a wrong key is looked up, and is worth slowing down. */
const wrongKeysPerSecond = 10;

export type Authenticate = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

export function createAuthenticate(keys: OperatorKeyService, limit: RateLimiter): Authenticate {
  return async (request, reply) => {
    const key = keyOf(request);
    if (key === undefined) throw new AppError({ code: 'credentials_missing' });
    try {
      await keys.require(key);
    } catch (error) {
      await limit(request, reply, `operator-refused:${request.ip}`, wrongKeysPerSecond);
      throw error;
    }
  };
}

function keyOf(request: FastifyRequest): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
}
