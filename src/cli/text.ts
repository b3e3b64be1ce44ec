/** Text for a terminal: what others chose to store must not steer it. */

/** They move the cursor, clear the screen, or turn the direction of text around. */
const controls = /(?![\n\t])[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** Control and direction-changing characters made visible; line ends stay. */
export function harmless(text: string): string {
  return text.replace(controls, escaped);
}

/** As JSON, also for a terminal: JSON leaves some control characters as they are. */
export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(controls, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

export type Row = Readonly<Record<string, unknown>>;

/** Columns below their names, as wide as they need to be. */
export function table(rows: readonly Row[], columns: readonly string[]): readonly string[] {
  const head = columns.map((column) => column.replaceAll('_', ' ').toUpperCase());
  const cells = rows.map((row) => columns.map((column) => cell(row[column])));
  const widths = columns.map((_, index) =>
    Math.max(...[head, ...cells].map((line) => widthOf(line[index] ?? ''))),
  );
  return [head, ...cells].map((line) =>
    line
      .map((text, index) => text + ' '.repeat((widths[index] ?? 0) - widthOf(text)))
      .join('  ')
      .trimEnd(),
  );
}

/** One line a property. */
export function properties(row: Row): readonly string[] {
  const names = Object.keys(row);
  const width = Math.max(0, ...names.map((name) => name.length));
  return names.map((name) => `${`${name.replaceAll('_', ' ')}:`.padEnd(width + 2)}${cell(row[name])}`);
}

/** One value on one line. */
export function cell(value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (typeof value === 'string') return harmless(value).replaceAll(/[\t\n]/g, ' ');
  if (Array.isArray(value) && value.every((each) => typeof each === 'string'))
    return harmless(value.join(', '));
  return toJson(value);
}

/** In characters as people count them. Wide ones still count as one: a column may then end a little late. */
function widthOf(text: string): number {
  return [...segmenter.segment(text)].length;
}

const segmenter = new Intl.Segmenter();

/** `1 event`, `2 events`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** Why a request got no answer. Some ports are refused before anything is sent, in two words. */
export function reasonOfFetch(cause: Error): string {
  return cause.message === 'bad port' ? 'HTTP clients do not speak to this port' : cause.message;
}
