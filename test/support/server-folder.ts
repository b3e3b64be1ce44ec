/** A Jackfield that runs from another folder than this one, with nothing in its environment but what is given. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface ServerFolder {
  readonly folder: string;
  /** Without the name of the program, which is this Node. */
  readonly parameters: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** @throws Error with everything printed, where it ends before it listens */
export async function startInFolder(server: ServerFolder): Promise<AsyncDisposable> {
  const child = spawn(process.execPath, server.parameters, {
    cwd: server.folder,
    env: server.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  const ready = Promise.withResolvers<void>();
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
      if (output.includes('Jackfield is listening on')) ready.resolve();
    });
  }
  void closed.then(() => ready.reject(new Error(`ended before ready:\n${output}`)));
  await ready.promise;
  return {
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await closed;
    },
  };
}

/** @returns its exit code. */
export async function exitCodeOf({ folder, parameters, environment }: ServerFolder): Promise<number | null> {
  const child = spawn(process.execPath, parameters, { cwd: folder, env: environment, stdio: 'ignore' });
  await once(child, 'close');
  return child.exitCode;
}
