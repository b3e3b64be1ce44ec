/** What could come next on a command line that is being typed. */
import type { Command as Program } from 'commander';

/** @param words all so far; the last one is still being typed and may be empty. */
export function candidates(program: Program, words: readonly string[]): readonly string[] {
  const typed = words.at(-1) ?? '';
  let current = program;
  for (const word of words.slice(0, -1)) {
    current = current.commands.find((each) => each.name() === word) ?? current;
  }
  const options = current.options.flatMap(({ long }) => (long === undefined ? [] : [long]));
  const found = typed.startsWith('-')
    ? [...options, '--help']
    : current.commands.map((each) => each.name()).filter((name) => !name.startsWith('_'));
  return found.filter((each) => each.startsWith(typed));
}
