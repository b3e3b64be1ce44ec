import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../core/errors.ts';
import { parseIds } from './ids-query.ts';

/** One parameter of a query string as some client may write it, with the ids that it carries. */
const id = fc.oneof(
  fc
    .string({ minLength: 1, maxLength: 12, unit: 'grapheme' })
    .filter((text) => !/[, ]/.test(text) && text.isWellFormed()),
  fc.stringMatching(/^intg_[0-9a-f]{12}$/),
);
const space = fc.constantFrom('', ' ', '  ');
const key = fc.oneof(
  fc.constantFrom('ids', 'ids[]', 'ids%5B%5D', '%69ds'),
  fc.nat(999).map((n) => `ids[${n}]`),
  fc.nat(999).map((n) => `ids%5B${n}%5D`),
);

/** Percent-encodes all of a text, or no more than a query string needs; a space as %20 or +. */
function encode(text: string, how: 'all' | 'least' | 'plus'): string {
  if (how === 'all')
    return [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  const least = encodeURIComponent(text).replaceAll('%2C', ',');
  return how === 'plus' ? least.replaceAll('%20', '+') : least;
}

const parameter = fc
  .record({
    key,
    pieces: fc.array(fc.record({ id, before: space, after: space }), { minLength: 1, maxLength: 4 }),
    how: fc.constantFrom('all', 'least', 'plus'),
  })
  .map(({ key: name, pieces, how }) => ({
    ids: pieces.map((piece) => piece.id),
    text: `${name}=${encode(pieces.map((piece) => piece.before + piece.id + piece.after).join(), how)}`,
  }));
const noise = fc
  .constantFrom('other=1', 'id=x', 'idsx=y', 'dry_run=true', 'ids[a]=z')
  .map((text) => ({ ids: [], text }));

describe('the ids of a bulk delete', () => {
  it('are found in any mixture of keys, commas, encodings, spaces and repeats, in order of appearance', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(parameter, noise), { minLength: 1, maxLength: 8 }), (parameters) => {
        const expected = parameters.flatMap((each) => each.ids);
        fc.pre(expected.length > 0);
        const query = new URLSearchParams(parameters.map((each) => each.text).join('&'));
        expect(parseIds(query)).toEqual(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it('are refused with the index of every empty piece, wherever it stands', () => {
    const pieces = fc.array(fc.oneof(id, fc.constantFrom('', ' ', '   ')), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(pieces, (list) => {
        const empty = list.flatMap((piece, index) => (piece.trim() === '' ? [['ids', index]] : []));
        fc.pre(empty.length > 0);
        const query = new URLSearchParams([['ids', list.join()]]);
        const error = thrownBy(() => parseIds(query));
        expect(
          error.failure.code === 'invalid_request' && error.failure.issues.map((issue) => issue.path),
        ).toEqual(empty);
      }),
      { numRuns: 500 },
    );
  });
});

function thrownBy(work: () => unknown): AppError {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
