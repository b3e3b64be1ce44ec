/** A throw-away PostgreSQL server on a free port of loopback, gone with its files when disposed of. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const debianFolder = '/usr/lib/postgresql';
const user = 'jackfield';

export interface PostgresServer extends AsyncDisposable {
  /** Without a database name. */
  readonly url: string;
  readonly pid: number;
}

export async function startPostgres(): Promise<PostgresServer> {
  const bin = findBinaries();
  const owner = serverOwner();
  const folder = await mkdtemp(join(tmpdir(), 'jackfield-postgres-'));
  if (owner !== undefined) await chown(folder, owner.uid, owner.gid);
  const data = join(folder, 'data');
  await run(
    join(bin, 'initdb'),
    ['-D', data, '-U', user, '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '-N'],
    {
      ...owner,
      cwd: folder,
    },
  );
  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder,
    max_connections: '200',
    shared_buffers: '128MB',
    // the server never crashes here, only Jackfield does: its own syncing would only slow the tests down
    fsync: 'off',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(join(bin, 'postgres'), ['-D', data, '-p', String(port), ...options], {
    ...owner,
    cwd: folder,
    stdio: 'ignore',
  });
  const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  await waitUntilReady(bin, port);
  return {
    url: `postgres://${user}@127.0.0.1:${port}`,
    pid: server.pid ?? 0,
    [Symbol.asyncDispose]: async () => {
      server.kill('SIGINT');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function waitUntilReady(bin: string, port: number): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      // waits on the server itself; a refused connection answers at once, so the next try is a new look, not a sleep
      await run(join(bin, 'psql'), [
        '-h',
        '127.0.0.1',
        '-p',
        String(port),
        '-U',
        user,
        '-c',
        'select 1',
        'postgres',
      ]);
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

/** Debian keeps the server's programs off the PATH. Missing ones are installed where that can be done. */
function findBinaries(): string {
  const found = newestDebianBinaries() ?? binariesOnPath();
  if (found !== undefined) return found;
  installPostgres();
  const installed = newestDebianBinaries();
  if (installed === undefined) throw new Error('PostgreSQL was installed but its programs were not found');
  return installed;
}

function newestDebianBinaries(): string | undefined {
  const versions = existsSync(debianFolder) ? readdirSync(debianFolder) : [];
  return versions
    .toSorted((a, b) => Number(b) - Number(a))
    .map((version) => join(debianFolder, version, 'bin'))
    .find((bin) => existsSync(join(bin, 'postgres')));
}

function binariesOnPath(): string | undefined {
  return (process.env['PATH'] ?? '').split(':').find((bin) => existsSync(join(bin, 'initdb')));
}

function installPostgres(): void {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Error(
      'The tests need the PostgreSQL server programs (15 or newer): install your system’s package',
    );
  }
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  execFileSync('apt-get', ['update', '-qq'], { stdio: 'ignore', env: environment });
  execFileSync('apt-get', ['install', '-y', '-qq', 'postgresql'], { stdio: 'ignore', env: environment });
}

/** PostgreSQL does not run as root: there, the package's own user runs it. */
function serverOwner(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres']).toString());
  return { uid: id('-u'), gid: id('-g') };
}

export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
