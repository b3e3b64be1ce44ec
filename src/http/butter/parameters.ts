/** Parameters from path and headers. */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import { sendGridKeyIdForm } from '../../core/sendgrid-key.ts';
import { isStorableText } from '../../core/text.ts';
import { validate } from './validation.ts';

const ids = {
  integration_id: z.string().regex(/^intg_[a-f0-9]{12}$/, idWords('intg', 12)),
  phone_number_id: z.string().regex(/^phon_[a-f0-9]{12}$/, idWords('phon', 12)),
  key_id: z.string().regex(/^apikey_[a-f0-9]{12}$/, idWords('apikey', 12)),
  api_key_id: z
    .string()
    .regex(sendGridKeyIdForm, 'Input should be 22 of the characters A to Z, a to z, 0 to 9, _ and -'),
  source_id: z.string().regex(/^src_[a-f0-9]{32}$/, idWords('src', 32)),
};

function idWords(prefix: string, digits: number): string {
  return `Input should be ${prefix}_ and ${digits} of the characters 0 to 9 and a to f`;
}

const pathParameter = z.object({ id: z.string() });

/** @throws AppError invalid_request naming the parameter as the contract does */
function idOf(request: FastifyRequest, name: keyof typeof ids): string {
  return validate(ids[name], pathParameter.parse(request.params).id, 'path', [name]);
}

export function integrationIdOf(request: FastifyRequest): string {
  return idOf(request, 'integration_id');
}

export function phoneNumberIdOf(request: FastifyRequest): string {
  return idOf(request, 'phone_number_id');
}

export function eventSourceIdOf(request: FastifyRequest): string {
  return idOf(request, 'source_id');
}

/** The path's parameter as it is: SendGrid's event ids have no form to rely on. @throws AppError route_not_found */
export function lastOf(request: FastifyRequest): string {
  const { id } = pathParameter.parse(request.params);
  // no event has such an id, and the database could not even be asked
  if (!isStorableText(id)) throw new AppError({ code: 'route_not_found' });
  return id;
}

export function keyIdOf(request: FastifyRequest): string {
  return idOf(request, 'key_id');
}

export function sendGridKeyIdOf(request: FastifyRequest): string {
  return idOf(request, 'api_key_id');
}

/** The form of an integration's id, for bodies and queries. */
export const integrationIdForm = ids.integration_id;

/**
 * The versions that If-Match names (RFC 9110, 13.1.1). Undefined: the header is absent, or `*`. Weak and foreign tags
 * match nothing.
 */
export function versionsOf(request: FastifyRequest): readonly number[] | undefined {
  const header = request.headers['if-match'];
  const tags = header?.split(',').map((tag) => tag.trim());
  if (tags === undefined || tags.includes('*')) return undefined;
  return tags.flatMap((tag) => {
    const version = /^"([1-9]\d{0,14})"$/.exec(tag)?.[1];
    return version === undefined ? [] : [Number(version)];
  });
}
