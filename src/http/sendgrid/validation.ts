/** Input of this surface: bodies and query strings against a Zod schema whose messages are the contract's. */
import { z } from 'zod';
import { AppError, invalid } from '../../core/errors.ts';
import { isStorableText } from '../../core/text.ts';

/** @throws AppError invalid_request with every issue, in the order of the schema. Values are never repeated. */
export function validate<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw invalid([], 'request body must be a JSON object');
  }
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => ({
    path: path.map((part) => (typeof part === 'number' ? part : String(part))),
    message,
  }));
  throw new AppError({ code: 'invalid_request', issues });
}

/** Text of `least` to `most` UTF-16 units that can be stored as it is. */
export function text(name: string, least: number, most: number) {
  const kind = `${name} must be a string`;
  return z
    .string(kind)
    .min(least, `${name} must be at least ${least} character${least === 1 ? '' : 's'}`)
    .max(most, `${name} must be at most ${most} characters`)
    .refine(isStorableText, `${name} must not contain NUL or incomplete characters`);
}
