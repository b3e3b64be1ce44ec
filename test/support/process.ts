/** Jackfield as its own process, as an operator runs it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const readyForm = /^Jackfield is listening on (http:\S+)$/m;

export interface TestProcess extends AsyncDisposable {
  readonly url: string;
  readonly child: ChildProcess;
  output(): string;
  errors(): string;
  /** Sends a signal and waits for the end. @returns exit code and signal. */
  end(signal: NodeJS.Signals): Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

/** @throws Error with everything printed, where the process ends before it is ready. */
export async function startProcess(environment: Readonly<Record<string, string>>): Promise<TestProcess> {
  const child = spawn(process.execPath, [main, 'serve'], {
    env: { PATH: process.env['PATH'], PORT: '0', JACKFIELD_RATE_LIMIT_PER_SECOND: '1000000', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  const exit = once(child, 'exit');
  const ready = Promise.withResolvers<string>();
  child.stdout.on('data', (chunk) => {
    output += chunk;
    const url = readyForm.exec(output)?.[1];
    if (url !== undefined) ready.resolve(url);
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  void once(child, 'close').then(() => ready.reject(new Error(`ended before ready:\n${output}\n${errors}`)));
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await exit;
    return { code: child.exitCode, signal: child.signalCode };
  };
  return {
    url: await ready.promise,
    child,
    output: () => output,
    errors: () => errors,
    end,
    [Symbol.asyncDispose]: async () => void (await end('SIGKILL')),
  };
}
