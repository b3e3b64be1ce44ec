/** Writes the reference of docs/cli.md anew from the program's own help. A test holds the two equal. */
import { readFile, writeFile } from 'node:fs/promises';
import { withReference } from '../src/cli/reference.ts';

const file = new URL('../docs/cli.md', import.meta.url);
await writeFile(file, withReference(await readFile(file, 'utf8')));
