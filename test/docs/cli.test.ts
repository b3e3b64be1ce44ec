import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { withReference } from '../../src/cli/reference.ts';
import { commandsWithSchema } from '../support/command-schema.ts';

it('docs/cli.md has the exit codes and the help of every command as the program has them', async () => {
  const document = await readFile(new URL('../../docs/cli.md', import.meta.url), 'utf8');
  expect(document).toBe(withReference(document));
  for (const { path } of commands) expect(document).toContain(`### \`jackfield ${path.join(' ')}\``);
});

it('contracts/cli.yaml has a schema for every command with a result, and for no other', () => {
  const names = commands.filter(({ json }) => json).map(({ path }) => path.join(' '));
  expect([...commandsWithSchema].toSorted()).toEqual([...names, 'error'].toSorted());
});
