/** A throw-away Redis on loopback that syncs every command to the disk before it answers. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { temporaryFolder } from '../../test/support/folder.ts';
import { freePort } from '../../test/support/postgres-server.ts';

const program = '/usr/bin/redis-server';

export interface Redis extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
}

export async function startRedis(): Promise<Redis> {
  if (!existsSync(program)) installRedis();
  const folder = await temporaryFolder();
  const port = await freePort();
  const settings = {
    port,
    bind: '127.0.0.1',
    dir: folder.path,
    appendonly: 'yes',
    appendfsync: 'always',
    save: '',
  };
  const child = spawn(
    program,
    Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]),
    { stdio: 'ignore' },
  );
  const exited = once(child, 'exit');
  await answers(port);
  return {
    url: `redis://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await exited;
      await folder[Symbol.asyncDispose]();
    },
  };
}

function installRedis(): void {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Error('The bench needs redis-server: install your system’s package');
  }
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  execFileSync('apt-get', ['update', '-qq'], { stdio: 'ignore', env: environment });
  execFileSync('apt-get', ['install', '-y', '-qq', 'redis-server'], { stdio: 'ignore', env: environment });
}

async function answers(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch {
      // not yet
      await pause(100);
    } finally {
      socket.destroy();
    }
  }
  throw new Error('redis-server did not start');
}
