/**
 * The ids of a bulk delete, in every form that official clients send (contract: sendgrid, section 3): the keys
 * `ids`, `ids[]` and `ids[n]`, repeated or not, values split at commas, percent-encoded or not, `+` and %20 as
 * spaces, spaces around a value dropped, in order of appearance.
 */
import { AppError, type InputIssue } from '../../core/errors.ts';
import { misspeltDryRun } from '../query.ts';

const idsKey = /^ids(\[\d*\])?$/;
const mostIds = 1_000;
/** Repeats count once, but a query of nothing but commas must not become a long answer. */
const mostPieces = 10_000;

/** @returns the ids, none empty, repeats included. @throws AppError invalid_request, an issue per bad piece */
export function parseIds(query: URLSearchParams): readonly string[] {
  const pieces = [...query]
    .filter(([key]) => idsKey.test(key))
    .flatMap(([, value]) => value.split(','))
    .map(trimSpaces);
  const issues: InputIssue[] = [];
  if (pieces.length > mostPieces) throw new AppError({ code: 'invalid_request', issues: [tooMany] });
  if (pieces.length === 0) issues.push({ path: ['ids', 0], message: emptyId });
  for (const [index, piece] of pieces.entries()) {
    if (piece === '') issues.push({ path: ['ids', index], message: emptyId });
  }
  if (new Set(pieces).size > mostIds) {
    issues.push(tooMany);
  }
  if (issues.length > 0) throw new AppError({ code: 'invalid_request', issues });
  return pieces;
}

/** Absent is false. Anything but true or false is refused: a misspelt dry run must never delete. */
export function parseDryRun(query: URLSearchParams): boolean {
  const misspelt = misspeltDryRun(query.keys());
  if (misspelt !== undefined) throw badDryRun();
  const values = query.getAll('dry_run');
  if (values.every((value) => value === 'false')) return false;
  if (values.every((value) => value === 'true')) return true;
  throw badDryRun();
}

function badDryRun(): AppError {
  const issue = { path: ['dry_run'], message: 'dry_run must be true or false, under this name' };
  return new AppError({ code: 'invalid_request', issues: [issue] });
}

const tooMany: InputIssue = { path: ['ids'], message: `at most ${mostIds} IDs can be deleted in one call` };
const emptyId = 'IDs cannot be an empty string';

function trimSpaces(text: string): string {
  return text.replace(/^ +| +$/g, '');
}
