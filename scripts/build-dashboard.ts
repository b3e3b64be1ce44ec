/**
 * Builds the dashboard into dashboard/dist, where that is missing or older than its sources. `--always` builds in any
 * case and fails where it cannot; without it a server can start all the same, so what is in the way is only told.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = join(root, 'dashboard');
const target = join(sources, 'dist');
/** Tells what was built. It is written last, so that half a build counts as none. */
const stamp = '.built-from';
const vite = join(root, 'node_modules/vite/bin/vite.js');
const compressible = new Set(['.css', '.html', '.js', '.json', '.svg', '.txt', '.webmanifest']);

const isForced = process.argv.includes('--always');

if (existsSync(join(sources, 'vite.config.ts'))) await keepUp();
else if (isForced) fail('There are no sources of the dashboard here.');

async function keepUp(): Promise<void> {
  const state = await stateOfSources();
  if (!isForced && (await builtFrom()) === state) return;
  if (!existsSync(vite)) {
    const what = existsSync(target) ? 'is older than its sources' : 'is not built';
    fail(
      `The dashboard ${what}, and what builds it is not installed (npm ci without --omit=dev installs it).`,
    );
    return;
  }
  process.stderr.write('Building the dashboard …\n');
  // beside, and then moved as a whole: two starts at once do not mix their files
  const folder = join(root, 'node_modules', `.dashboard-${process.pid}`);
  const parameters = [vite, 'build', '--config', join(sources, 'vite.config.ts'), '--outDir', folder];
  const { status } = spawnSync(process.execPath, [...parameters, '--emptyOutDir', '--logLevel', 'warn'], {
    cwd: sources,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status === 0) await publish(folder, state);
  else fail('The dashboard could not be built.');
  await rm(folder, { recursive: true, force: true });
}

async function publish(folder: string, state: string): Promise<void> {
  for (const file of await filesBelow(folder)) await compress(join(folder, file));
  await writeFile(join(folder, stamp), state);
  await rm(target, { recursive: true, force: true });
  try {
    await rename(folder, target);
  } catch (error) {
    // another start was quicker; it built the same
    if ((await builtFrom()) !== state) throw error;
  }
}

async function compress(file: string): Promise<void> {
  if (!compressible.has(extname(file))) return;
  const content = await readFile(file);
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
  const brotli = await promisify(brotliCompress)(content, quality);
  // what hardly shrinks is not worth another file
  if (brotli.length > content.length * 0.9) return;
  await writeFile(`${file}.br`, brotli);
  await writeFile(`${file}.gz`, await promisify(gzip)(content, { level: 9 }));
}

async function builtFrom(): Promise<string | undefined> {
  const file = join(target, stamp);
  return existsSync(file) ? await readFile(file, 'utf8') : undefined;
}

/** A hash of everything that goes into the build. */
async function stateOfSources(): Promise<string> {
  const hash = createHash('sha256');
  const own = (await filesBelow(sources)).filter((file) => !/^(dist|node_modules)\//.test(file));
  for (const file of [...own.map((name) => join('dashboard', name)), 'package-lock.json']) {
    const content = createHash('sha256').update(await readFile(join(root, file)));
    hash.update(`${file} ${content.digest('hex')}\n`);
  }
  return hash.digest('hex');
}

/** In the order of their names, with / between folders. */
async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .toSorted();
}

function fail(message: string): void {
  process.stderr.write(`${message}\n`);
  if (isForced) process.exitCode = 1;
}
