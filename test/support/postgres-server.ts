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
  /** Ends at once, as in a crash: every connection is cut and nothing is finished. */
  crash(): Promise<void>;
  /** Says nothing to whoever connects from now on, and does not refuse them either. */
  pause(): void;
  resume(): void;
  /** After a crash: again on the same folder and port. */
  restart(): Promise<void>;
}

export interface PostgresOptions {
  /** Whether commits reach the disk, as they do on a real server. Off where only Jackfield crashes. */
  readonly durable: boolean;
}

export async function startPostgres(
  { durable }: PostgresOptions = { durable: false },
): Promise<PostgresServer> {
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
    // in tests the machine never crashes, only what runs on it does: syncing would only slow them down
    fsync: durable ? 'on' : 'off',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const launch = async () => {
    const child = spawn(join(bin, 'postgres'), ['-D', data, '-p', String(port), ...options], {
      ...owner,
      cwd: folder,
      stdio: 'ignore',
    });
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    await waitUntilReady(bin, port);
    return {
      pid: child.pid ?? 0,
      signal: (signal: NodeJS.Signals) => child.kill(signal),
      end: async (signal: NodeJS.Signals) => {
        child.kill(signal);
        // a paused one would not notice
        child.kill('SIGCONT');
        await exited;
      },
    };
  };
  let server = await launch();
  return {
    url: `postgres://${user}@127.0.0.1:${port}`,
    get pid() {
      return server.pid;
    },
    // PostgreSQL's immediate shutdown; a killed parent would leave children that hold the folder for a while
    crash: async () => await server.end('SIGQUIT'),
    pause: () => void server.signal('SIGSTOP'),
    resume: () => void server.signal('SIGCONT'),
    restart: async () => {
      server = await launch();
    },
    [Symbol.asyncDispose]: async () => {
      await server.end('SIGINT');
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
export function findBinaries(): string {
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
  return { uid: postgresUser('-u'), gid: postgresUser('-g') };
}

function postgresUser(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, 'postgres']).toString());
}

export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
