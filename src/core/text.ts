/**
 * What PostgreSQL's text type cannot hold, or would hold altered: NUL, and a surrogate without its partner.
 * Such text is refused at the edge, so that nothing is ever stored other than it was sent.
 */
export function isStorableText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}
