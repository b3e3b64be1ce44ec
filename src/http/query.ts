/** The query string as sent: order and repeats kept, `+` read as a space. */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '../core/errors.ts';

export function queryOf(request: FastifyRequest): URLSearchParams {
  const start = request.url.indexOf('?');
  return new URLSearchParams(start < 0 ? '' : request.url.slice(start + 1));
}

/** The query with every parameter given once. @throws AppError invalid_request: which one was meant is not for us to guess */
export function singleQueryOf(request: FastifyRequest): Readonly<Record<string, string>> {
  const query = queryOf(request);
  for (const name of new Set(query.keys())) {
    if (query.getAll(name).length === 1) continue;
    const issue = { location: 'query', path: [name], message: 'Parameter should be given once' } as const;
    throw new AppError({ code: 'invalid_request', issues: [issue] });
  }
  return Object.fromEntries(query);
}

/** A query parameter that is a whole number, of so many digits at most. */
export function wholeNumber(mostDigits: number) {
  return z
    .string()
    .regex(new RegExp(`^\\d{1,${mostDigits}}$`), 'Input should be a whole number')
    .transform(Number);
}

/** A name that means `dry_run` and is not it. Ignoring it, as unknown names are, would delete in earnest. */
export function misspeltDryRun(names: Iterable<string>): string | undefined {
  return [...names].find(
    (name) => name !== 'dry_run' && name.replaceAll(/[^a-z]/gi, '').toLowerCase() === 'dryrun',
  );
}
