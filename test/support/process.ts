/** Jackfield as its own process, as an operator runs it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const program = `${root}bin/jackfield`;
const readyForm = /^Jackfield is listening on (http:\S+)$/m;

type Environment = Readonly<Record<string, string>>;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface TestProcess extends AsyncDisposable {
  readonly url: string;
  readonly child: ChildProcess;
  output(): string;
  errors(): string;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<Exit>;
}

/** `npm start` and what it started, in a process group of their own. */
export interface TestProcessGroup extends TestProcess {
  signalGroup(signal: NodeJS.Signals): void;
  hasMembers(): boolean;
}

/** @throws Error with everything printed, where the process ends before it is ready. */
export async function startProcess(environment: Environment): Promise<TestProcess> {
  const launched = launch({ command: program, parameters: ['serve'], environment });
  return {
    ...launched,
    url: await readyUrl(launched),
    [Symbol.asyncDispose]: async () => void (await launched.end('SIGKILL')),
  };
}

/** For starts that are refused. @returns how the process ended, by SIGKILL if not by itself, and all it printed. */
export async function runToEnd(
  environment: Environment,
): Promise<Exit & { readonly output: string; readonly errors: string }> {
  const timeoutMs = 20_000;
  const launched = launch({ command: program, parameters: ['serve'], environment, timeoutMs });
  const exit = await launched.closed;
  return { ...exit, output: launched.output(), errors: launched.errors() };
}

/** As typed into a terminal: npm comes from the system, and finds the project's programs by itself. */
export async function startWithNpm(environment: Environment): Promise<TestProcessGroup> {
  const path = (process.env['PATH'] ?? '')
    .split(':')
    .filter((folder) => !folder.endsWith('node_modules/.bin'));
  const npmEnvironment = { PATH: path.join(':'), HOME: homedir(), npm_config_update_notifier: 'false' };
  const launched = launch({
    command: 'npm',
    parameters: ['start'],
    environment: { ...npmEnvironment, ...environment },
    ownGroup: true,
  });
  const { child, closed } = launched;
  const signalGroup = (signal: NodeJS.Signals | 0) => {
    if (child.pid === undefined) throw new Error('npm did not start');
    return process.kill(-child.pid, signal);
  };
  const hasMembers = () => succeeds(() => signalGroup(0));
  return {
    ...launched,
    url: await readyUrl(launched),
    signalGroup,
    hasMembers,
    [Symbol.asyncDispose]: async () => {
      if (hasMembers()) signalGroup('SIGKILL');
      await closed;
    },
  };
}

interface Launched extends Omit<TestProcess, 'url' | typeof Symbol.asyncDispose> {
  /** When the process has ended and nobody holds its output open any more. */
  readonly closed: Promise<Exit>;
}

interface Launch {
  readonly command: string;
  readonly parameters: readonly string[];
  readonly environment: Environment;
  readonly ownGroup?: boolean;
  /** Killed after so long; undefined: never. */
  readonly timeoutMs?: number;
}

function launch({ command, parameters, environment, ownGroup, timeoutMs }: Launch): Launched {
  const child = spawn(command, parameters, {
    cwd: root,
    env: {
      PATH: process.env['PATH'],
      // the tests start many processes, and compiling is most of a start
      NODE_COMPILE_CACHE: join(tmpdir(), 'jackfield-compile-cache'),
      PORT: '0',
      JACKFIELD_RATE_LIMIT_PER_SECOND: '1000000',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: ownGroup,
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const closed = once(child, 'close').then(() => ({ code: child.exitCode, signal: child.signalCode }));
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return await closed;
  };
  return { child, output: () => output, errors: () => errors, closed, end };
}

async function readyUrl({ child, closed, output, errors }: Launched): Promise<string> {
  const ready = Promise.withResolvers<string>();
  child.stdout?.on('data', () => {
    const url = readyForm.exec(output())?.[1];
    if (url !== undefined) ready.resolve(url);
  });
  closed.then(
    () => ready.reject(new Error(`ended before ready:\n${output()}\n${errors()}`)),
    (error: unknown) => ready.reject(error),
  );
  return await ready.promise;
}

function succeeds(attempt: () => unknown): boolean {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
}
