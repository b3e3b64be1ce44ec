/** Input of this surface against Zod schemas, refused in the words of the API: kinds, places and messages. */
import { z } from 'zod';
import { AppError, type InputIssue } from '../../core/errors.ts';
import { unstorable } from '../../core/text.ts';
import { lastMoment } from './paging.ts';

/** @throws AppError invalid_request with every issue. Values are never repeated. */
export function validate<T extends z.ZodType>(
  schema: T,
  input: unknown,
  location: NonNullable<InputIssue['location']> = 'body',
  prefix: readonly (string | number)[] = [],
): z.output<T> {
  const result = schema.safeParse(input, { reportInput: true });
  if (result.success) return result.data;
  const issues = result.error.issues.flatMap((issue) => {
    const { type, message } = explain(issue);
    const path = [...prefix, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))];
    const places = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path];
    return places.map((place) => ({ type, message, location, path: place }));
  });
  throw new AppError({ code: 'invalid_request', issues });
}

type Explained = Pick<InputIssue, 'message'> & { readonly type: string };

function explain(issue: z.core.$ZodIssue): Explained {
  if (issue.code === 'invalid_type' && issue.input === undefined) return missing;
  switch (issue.code) {
    case 'invalid_type':
      return (
        expectedTypes[issue.expected] ?? {
          type: `${issue.expected}_type`,
          message: 'Input has the wrong type',
        }
      );
    case 'too_small':
      return tooSmall(issue.origin, Number(issue.minimum));
    case 'too_big':
      return tooBig(issue.origin, Number(issue.maximum));
    case 'invalid_format':
      // each pattern says in words what it wants; nobody should have to read it
      if (issue.format === 'regex') return { type: 'string_pattern_mismatch', message: issue.message };
      return { type: 'value_error', message: `Input should be ${formats[issue.format] ?? issue.format}` };
    case 'invalid_value':
      if (issue.input === undefined) return missing;
      return {
        type: 'enum',
        message: `Input should be ${issue.values.map((value) => `'${String(value)}'`).join(' or ')}`,
      };
    case 'custom':
      if (issue.params?.['type'] === 'missing') return { type: 'missing', message: issue.message };
      return {
        type: 'value_error',
        message: issue.message === unstorable ? `Text ${unstorable}` : issue.message,
      };
    case 'unrecognized_keys':
      return { type: 'extra_forbidden', message: 'Extra inputs are not permitted' };
    case 'not_multiple_of':
      return { type: 'multiple_of', message: `Input should be a multiple of ${issue.divisor}` };
    case 'invalid_union':
    case 'invalid_key':
    case 'invalid_element':
      return { type: 'value_error', message: 'Input is not valid' };
  }
}

const missing: Explained = { type: 'missing', message: 'Field required' };

const expectedTypes: Readonly<Record<string, Explained>> = {
  string: { type: 'string_type', message: 'Input should be a valid string' },
  boolean: { type: 'bool_type', message: 'Input should be a valid boolean' },
  number: { type: 'float_type', message: 'Input should be a valid number' },
  int: { type: 'int_type', message: 'Input should be a valid integer' },
  array: { type: 'list_type', message: 'Input should be a valid list' },
  object: { type: 'model_attributes_type', message: 'Input should be a valid dictionary or object' },
};

const formats: Readonly<Record<string, string>> = {
  datetime: 'a time with its offset, such as 2030-01-31T12:00:00Z',
};

function tooSmall(origin: string, least: number): Explained {
  if (origin === 'string') {
    return { type: 'string_too_short', message: `String should have at least ${count(least, 'character')}` };
  }
  if (origin === 'array')
    return { type: 'too_short', message: `List should have at least ${count(least, 'item')}` };
  return { type: 'greater_than_equal', message: `Input should be greater than or equal to ${least}` };
}

function tooBig(origin: string, most: number): Explained {
  if (origin === 'string') {
    return { type: 'string_too_long', message: `String should have at most ${count(most, 'character')}` };
  }
  if (origin === 'array')
    return { type: 'too_long', message: `List should have at most ${count(most, 'item')}` };
  return { type: 'less_than_equal', message: `Input should be less than or equal to ${most}` };
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** An instant, as RFC 3339 writes it. */
export const time = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .refine((moment) => moment.getTime() >= 0 && moment.getTime() <= lastMoment, 'Time is out of range');
