import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { settingNames } from '../../src/config/config.ts';

const root = new URL('../../', import.meta.url);

describe('the documentation of the settings', () => {
  it.each(['README.md', 'docs/operations.md'])(
    'is complete in %s: every setting has a row in its table',
    async (file) => {
      const [, section = ''] = (await textOf(file)).split('\n## Settings\n');
      const table = /(?:^\|.*\n)+/m.exec(section)?.[0] ?? '';
      expect([...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name)).toEqual(settingNames);
    },
  );

  it('names no setting that does not exist, in any file', async () => {
    const files = (await Promise.all(['./', 'docs/', 'docs/adr/', 'docs/contracts/'].map(markdownIn))).flat();
    expect(files).toEqual(expect.arrayContaining(['./README.md', 'docs/operations.md']));
    const texts = await Promise.all(files.map(textOf));
    // those of the tests are no settings of the server
    const named = new Set(texts.join('\n').match(/\bJACKFIELD_(?!TEST_)\w+/g));
    expect([...named].filter((name) => !settingNames.includes(name))).toEqual([]);
  });
});

async function textOf(file: string): Promise<string> {
  return await readFile(new URL(file, root), 'utf8');
}

async function markdownIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(new URL(folder, root));
  return names.filter((name) => name.endsWith('.md')).map((name) => folder + name);
}
