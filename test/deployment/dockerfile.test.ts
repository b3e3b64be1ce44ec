import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { readCompose } from '../support/compose.ts';
import {
  commandOf,
  copiesOf,
  type Instruction,
  readDockerfile,
  root,
  variablesOf,
} from '../support/dockerfile.ts';
import { createEmptyDatabase } from '../support/empty-database.ts';
import { temporaryFolder } from '../support/folder.ts';
import { call } from '../support/http.ts';
import { freePort } from '../support/postgres-server.ts';
import { exitCodeOf, startInFolder } from '../support/server-folder.ts';

const run = promisify(execFile);
const dockerfile = await readDockerfile();
const inStage = (name: string) => dockerfile.filter(({ stage }) => stage === name);
const ofContext = (instructions: readonly Instruction[]) =>
  copiesOf(instructions)
    .filter(({ from }) => from === undefined)
    .flatMap(({ sources }) => sources);

describe('the Dockerfile', () => {
  it('takes the Node that package.json names', async () => {
    const { dependencies } = JSON.parse(await readFile(`${root}package.json`, 'utf8'));
    const images = dockerfile.filter(({ name }) => name === 'FROM').map(({ text }) => text);
    expect(images).toEqual([
      `node:${dependencies.node}-trixie-slim AS base`,
      'base AS production',
      'base AS dashboard',
      'base',
    ]);
  });

  it('copies only what exists, and what .dockerignore lets through', async () => {
    const ignored = (await readFile(`${root}.dockerignore`, 'utf8')).split('\n');
    expect(ignored).toContain('*');
    const sources = ofContext(dockerfile).filter((source) => source !== '.');
    expect(sources).toContain('src');
    for (const source of sources) {
      expect(existsSync(root + source), source).toBe(true);
      expect(ignored).toContain(`!${source}`);
    }
  });

  it('runs as somebody who is not root', () => {
    const users = inStage('').filter(({ name }) => name === 'USER');
    expect(users.map(({ text }) => text)).toEqual(['1000:1000']);
  });

  it('bounds the heap as a start without it does', async () => {
    const started = await readFile(`${root}bin/jackfield`, 'utf8');
    const options = variablesOf(inStage(''))['NODE_OPTIONS'];
    expect(options).toMatch(/^--max-old-space-size=\d+ /);
    expect(started).toContain(`NODE_OPTIONS="${options} \${NODE_OPTIONS-}"`);
  });

  it('makes a folder that Jackfield starts from, without writing a file', { timeout: 300_000 }, async () => {
    await using folder = await temporaryFolder();
    await using database = await createEmptyDatabase();
    const app = join(folder.path, 'app');
    await build(app);
    const writable = await makeFolder(folder.path, 'tmp');
    const data = await makeFolder(folder.path, 'data');
    const before = await filesIn(folder.path);

    const port = String(await freePort());
    const image = { ...variablesOf(inStage('')), PORT: port, JACKFIELD_DATA_DIR: data, TMPDIR: writable };
    const onPostgres = { ...image, ...database.environment };
    const [program, ...parameters] = commandOf(dockerfile, 'CMD');
    const [prober, ...probe] = commandOf(dockerfile, 'HEALTHCHECK');
    expect([program, prober]).toEqual(['node', 'node']);
    const health = { folder: app, parameters: probe, environment: image };
    {
      await using _ = await startInFolder({ folder: app, parameters, environment: onPostgres });
      expect(await exitCodeOf(health)).toBe(0);
      const server = { url: `http://127.0.0.1:${port}` };
      for (const path of ['/readyz', '/v3/openapi.json', '/api/openapi.json', '/metrics']) {
        expect((await call(server, 'GET', path)).status).toBe(200);
      }
    }
    expect(await exitCodeOf(health)).toBe(1);
    expect(await filesIn(folder.path)).toEqual(before);

    // without DATABASE_URL it writes to the one folder that is meant for that
    await using _ = await startInFolder({ folder: app, parameters, environment: image });
    const written = (await filesIn(folder.path)).filter((file) => !before.includes(file));
    expect(written.length).toBeGreaterThan(0);
    expect(written.filter((file) => !file.startsWith('data/'))).toEqual([]);
  });
});

describe('the image in compose.yaml', () => {
  it('is built from this Dockerfile, and published on the port that it listens on', async () => {
    const { services } = await readCompose({ POSTGRES_PASSWORD: 'x', JACKFIELD_MASTER_KEYS: 'k1:x' });
    expect(services.jackfield.build).toBe('.');
    const exposed = inStage('').find(({ name }) => name === 'EXPOSE');
    expect(services.jackfield.ports).toEqual([`127.0.0.1:8080:${exposed?.text}`]);
    expect(services.jackfield.environment.PORT).toBe(exposed?.text);
  });
});

/** As the stages `production` and the last one do, but for the dashboard, which takes its builder to be installed. */
async function build(app: string): Promise<void> {
  await mkdir(app);
  for (const stage of ['production', '']) {
    for (const source of ofContext(inStage(stage))) {
      await cp(root + source, join(app, source), {
        recursive: true,
        filter: (path) => !path.endsWith('.test.ts'),
      });
    }
  }
  const commands = inStage('production').filter(({ name }) => name === 'RUN');
  expect(commands.map(({ text }) => text)).toEqual([expect.stringMatching(/^npm ci --omit=dev/)]);
  const path = `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`;
  for (const { text } of commands) {
    const options = { cwd: app, env: { ...process.env, PATH: path, npm_config_prefer_offline: 'true' } };
    await run('sh', ['-c', text], options);
  }
  expect(await readdir(join(app, 'node_modules'))).not.toContain('vitest');
}

async function makeFolder(parent: string, name: string): Promise<string> {
  const path = join(parent, name);
  await mkdir(path);
  return path;
}

/** Every file with when it was last written. */
async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const found = await Promise.all(
    files.map(async (file) => `${file.slice(folder.length + 1)} ${(await stat(file)).mtimeMs}`),
  );
  return found.toSorted();
}
