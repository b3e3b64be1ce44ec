/** Files that options name. */
import { readFile } from 'node:fs/promises';
import { CommandError, exitCodes } from './exit-codes.ts';

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'reading it is not allowed',
  EISDIR: 'it is a folder',
};

/** @throws CommandError badUsage that names the file and says why it cannot be read */
export async function readTextFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new CommandError(exitCodes.badUsage, `${file} cannot be read: ${reasons[code] ?? message}.`);
  }
}
