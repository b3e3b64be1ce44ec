import { z } from 'zod';

/**
 * What PostgreSQL's text type cannot hold, or would hold altered: NUL, and a surrogate without its partner.
 * Such text is refused at the edge, so that nothing is ever stored other than it was sent.
 */
export function isStorableText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** Text of `least` to `most` UTF-16 units that can be stored as it is sent. */
export function storableText(least: number, most: number) {
  return z.string().min(least).max(most).refine(isStorableText, unstorable);
}

/** Marks the refusal of text that cannot be stored. */
export const unstorable = 'must not contain NUL or incomplete characters';
