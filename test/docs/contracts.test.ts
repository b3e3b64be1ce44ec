import { glob, readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);

/** `contract: butter, section 3`, `contract: sendgrid, sections 1 to 3`, `contract: butter, 3 and 6` */
const reference = /\(contract: (\w+), (?:sections? )?([^)]*)\)/g;

it('every comment that names a section of a contract names one that docs/contracts has', async () => {
  const known = new Set((await Promise.all(['sendgrid', 'butter'].map(sectionsOf))).flat());
  const named: string[] = [];
  for await (const file of glob('src/**/*.ts', { cwd: root })) {
    for (const [, contract, sections = ''] of (await textOf(file)).matchAll(reference)) {
      const numbers = sections.match(/\d+/g) ?? [];
      expect(numbers, `${file}: ${sections}`).not.toEqual([]);
      named.push(...numbers.map((number) => `${contract} ${number}`));
    }
  }
  expect(named).toContain('butter 3');
  expect([...new Set(named)].filter((each) => !known.has(each))).toEqual([]);
});

async function sectionsOf(contract: string): Promise<readonly string[]> {
  const text = await textOf(`docs/contracts/${contract}.md`);
  return [...text.matchAll(/^## (\d+)\. /gm)].map(([, number]) => `${contract} ${number}`);
}

async function textOf(file: string): Promise<string> {
  return await readFile(new URL(file, root), 'utf8');
}
