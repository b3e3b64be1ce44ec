/** When the dashboard is built, on a small project of its own whose builder leaves one file. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';

const script = fileURLToPath(new URL('../scripts/build-dashboard.ts', import.meta.url));
/** Writes its source, made longer, to the folder that it is given; fails where the source says so. */
const builder = `
  const { mkdirSync, readFileSync, writeFileSync } = require('node:fs');
  const folder = process.argv[process.argv.indexOf('--outDir') + 1];
  const source = readFileSync('src/main.ts', 'utf8');
  if (source === 'broken') process.exit(1);
  mkdirSync(folder, { recursive: true });
  writeFileSync(folder + '/index.html', source.repeat(100));`;

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'jackfield-build-'));
  await cp(script, join(root, 'scripts/build-dashboard.ts'));
  await write('dashboard/vite.config.ts', '');
  await write('dashboard/src/main.ts', 'first');
  await write('package-lock.json', '{}');
  await write('package.json', '{"type":"module"}');
  await write('node_modules/vite/package.json', '{"type":"commonjs"}');
  await write('node_modules/vite/bin/vite.js', builder);
});
afterEach(async () => await rm(root, { recursive: true }));

it('it is built where it is missing, and again when a source or the lockfile has changed', async () => {
  expect(await build()).toContain('Building');
  expect(await built()).toBe('first'.repeat(100));
  expect(await build()).toBe('');
  await write('dashboard/src/main.ts', 'second');
  expect(await build()).toContain('Building');
  expect(await built()).toBe('second'.repeat(100));
  await write('package-lock.json', '{"other":1}');
  expect(await build()).toContain('Building');
  expect(await build('--always')).toContain('Building');
});

it('its files are there compressed too, and nothing is left beside them', async () => {
  await build();
  const text = await built();
  expect(brotliDecompressSync(await readFile(join(root, 'dashboard/dist/index.html.br'))).toString()).toBe(
    text,
  );
  expect(gunzipSync(await readFile(join(root, 'dashboard/dist/index.html.gz'))).toString()).toBe(text);
  expect(await readdir(join(root, 'node_modules'))).toEqual(['vite']);
});

it('two starts at once leave one whole build', async () => {
  await Promise.all([build(), build()]);
  expect(await built()).toBe('first'.repeat(100));
  expect(await build()).toBe('');
});

it('a build that fails leaves the one before, and keeps no server from starting', async () => {
  await build();
  await write('dashboard/src/main.ts', 'broken');
  expect(await build()).toContain('could not be built');
  expect(await built()).toBe('first'.repeat(100));
  await expect(build('--always')).rejects.toMatchObject({ code: 1 });
});

it('without the builder an old build is used, and one that is missing is told of', async () => {
  await build();
  await rm(join(root, 'node_modules/vite'), { recursive: true });
  expect(await build()).toBe('');
  await write('dashboard/src/main.ts', 'second');
  expect(await build()).toContain('is older than its sources');
  await rm(join(root, 'dashboard/dist'), { recursive: true });
  expect(await build()).toContain('is not built');
  await expect(build('--always')).rejects.toMatchObject({ code: 1 });
});

it('without sources there is nothing to do', async () => {
  await build();
  await rm(join(root, 'dashboard/vite.config.ts'));
  expect(await build()).toBe('');
  expect(await built()).toBe('first'.repeat(100));
});

/** @returns what it says. */
async function build(...parameters: readonly string[]): Promise<string> {
  const file = join(root, 'scripts/build-dashboard.ts');
  return (await promisify(execFile)(process.execPath, [file, ...parameters])).stderr;
}

async function built(): Promise<string> {
  return await readFile(join(root, 'dashboard/dist/index.html'), 'utf8');
}

async function write(name: string, text: string): Promise<void> {
  const file = join(root, name);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, text);
}
