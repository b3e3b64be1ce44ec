/** The command line as its own process: with pipes, as a program calls it, or in a pseudo-terminal, as a person does. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { vi } from 'vitest';
import type { TestApp } from './app.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));

export type Environment = Readonly<Record<string, string>>;

export interface Ended {
  readonly code: number | null;
  /** Standard output. */
  readonly output: string;
  /** Standard error. */
  readonly errors: string;
  /** Standard output read as JSON. */
  readonly json: any;
}

/** The settings with which commands reach the app, as its first organization's admin and as its operator. */
export function settingsOf(app: TestApp): Environment {
  return {
    JACKFIELD_URL: app.url,
    JACKFIELD_API_KEY: app.roleKey,
    JACKFIELD_ORGANIZATION_ID: app.organizationId,
    JACKFIELD_OPERATOR_KEY: app.operatorKey,
  };
}

const own = () => ({
  PATH: process.env['PATH'] ?? '',
  NODE_COMPILE_CACHE: join(tmpdir(), 'jackfield-compile-cache'),
});

/** With pipes. @param input goes to standard input, which is then closed. */
export async function runCommand(
  words: readonly string[],
  environment: Environment,
  input = '',
): Promise<Ended> {
  const started = startCommand(words, environment);
  started.child.stdin.on('error', () => undefined);
  started.child.stdin.end(input);
  return await started.ended;
}

export function startCommand(words: readonly string[], environment: Environment) {
  const child = spawn(process.execPath, [main, ...words], { cwd: root, env: { ...own(), ...environment } });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const ended = once(child, 'close').then(() => ({
    code: child.exitCode,
    output,
    errors,
    json: jsonOf(output),
  }));
  return { child, ended, output: () => output, errors: () => errors };
}

/** Somebody at a terminal, who reads what is on it and types. */
export class Terminal implements AsyncDisposable {
  readonly #child;
  readonly #closed;
  #raw = '';

  /** The terminal's state is told after the command, so that a test sees whether it was left as it was. */
  constructor(words: readonly string[], environment: Environment, columns = 100) {
    const line = [process.execPath, main, ...words].map((word) => `'${word}'`).join(' ');
    // Ctrl-C reaches the shell too, which has to live on and tell
    const script = `trap : INT; stty cols ${columns} rows 30; ${line}; echo "exit=$?"; stty -a`;
    this.#child = spawn('script', ['-qfec', script, '/dev/null'], {
      cwd: root,
      env: { ...own(), TERM: 'xterm-256color', ...environment },
    });
    this.#child.stdout.on('data', (chunk) => {
      this.#raw += chunk;
    });
    this.#child.stdin.on('error', () => undefined);
    this.#closed = once(this.#child, 'close');
  }

  /** Everything printed so far, escape sequences included. */
  get raw(): string {
    return this.#raw;
  }

  get text(): string {
    return stripVTControlCharacters(this.#raw);
  }

  async until(text: string | RegExp): Promise<void> {
    await vi.waitUntil(() => (typeof text === 'string' ? this.text.includes(text) : text.test(this.text)), {
      timeout: 50_000,
    });
  }

  type(text: string): void {
    this.#child.stdin.write(text);
  }

  /** @returns the exit code of the command, and whether the terminal is as it was before it. */
  async end(): Promise<{ readonly code: number; readonly isRestored: boolean }> {
    await this.until(/exit=\d+[^]*speed/);
    this.#child.stdin.end();
    await this.#closed;
    const state = this.text.slice(this.text.lastIndexOf('exit='));
    const isRestored =
      /\bicanon\b/.test(state) &&
      !/-icanon|-echo\b|-isig/.test(state) &&
      this.#raw.lastIndexOf('\u001b[?25h') >= this.#raw.lastIndexOf('\u001b[?25l');
    return { code: Number(/exit=(\d+)/.exec(state)?.[1]), isRestored };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL');
    await this.#closed;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
