/** Rows of CSV (RFC 4180) that spreadsheets take for nothing but text. */

/**
 * What a cell begins with that would be worked out as a formula. An apostrophe before it makes it text, as OWASP advises
 * against CSV injection.
 */
const formula = /^[=+\-@\t\r]/;
const special = /[",\r\n]/;

export function csvRow(cells: readonly (string | number)[]): string {
  return `${cells.map((cell) => (typeof cell === 'number' ? String(cell) : textCell(cell))).join(',')}\r\n`;
}

function textCell(text: string): string {
  const harmless = formula.test(text) ? `'${text}` : text;
  return special.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
