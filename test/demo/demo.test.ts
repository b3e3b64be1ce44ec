import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const program = `${root}demo/main.ts`;

interface Started {
  readonly child: ChildProcess;
  readonly closed: Promise<unknown>;
  output(): string;
  /** Resolves when the output holds a text; rejects where it ends without. */
  shows(text: string): Promise<void>;
}

function start(command: string, parameters: readonly string[], folder: string): Started {
  // what is set here must not reach the demo's Jackfield
  const env = { ...process.env, TMPDIR: folder, JACKFIELD_REGION: 'nowhere', DATABASE_URL: 'postgres://x' };
  const child = spawn(command, parameters, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const closed = once(child, 'close');
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const shows = async (text: string) => {
    const shown = Promise.withResolvers<void>();
    const look = () => output.includes(text) && shown.resolve();
    child.stdout.on('data', look);
    look();
    void closed.then(() => shown.reject(new Error(`ended without ${text}:\n${output}`)));
    await shown.promise;
  };
  return { child, closed, output: () => output, shows };
}

describe('npm run demo', () => {
  it('ends well, with an exact balance, into a pipe without a control character', {
    timeout: 240_000,
  }, async () => {
    await using folder = await temporaryFolder();
    const demo = start('npm', ['run', '--silent', 'demo', '--', '--seconds', '5'], folder.path);
    await demo.closed;
    const text = demo.output();
    expect(text).toContain('The balance is exact: nothing is missing.');
    expect(demo.child.exitCode).toBe(0);
    const [accepted, delivered = 0, filtered = 0, dead = 0, undelivered = 0, both = 0] = figuresOf(text);
    expect(accepted).toBe(delivered + filtered + dead + undelivered - both);
    for (const figure of [delivered, filtered, dead, undelivered]) expect(figure).toBeGreaterThan(0);
    expect(text).toMatch(/^ +\d+\.\d s {2}sent [\d,]+ {2}arrived [\d,]+ {2}waiting [\d,]+/m);
    expect(text).toContain('The destination is down.');
    expect(text).toContain('3 integrations deleted in one request');
    // oxlint-disable-next-line no-control-regex
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    expect(await dataFoldersIn(folder.path)).toEqual([]);
  });

  it('leaves nothing behind when it is interrupted', { timeout: 120_000 }, async () => {
    await using folder = await temporaryFolder();
    const demo = start(process.execPath, [program], folder.path);
    await demo.shows('destination up');
    expect(await dataFoldersIn(folder.path)).toHaveLength(1);
    demo.child.kill('SIGINT');
    await demo.closed;
    expect(demo.child.exitCode).toBe(130);
    expect(await dataFoldersIn(folder.path)).toEqual([]);
  });

  it.each([['--seconds', '4'], ['--seconds', 'x'], ['--minutes', '1'], ['now']])(
    'refuses to be called with %s %s',
    async (...parameters) => {
      await using folder = await temporaryFolder();
      const demo = start(process.execPath, [program, ...parameters], folder.path);
      await demo.closed;
      expect(demo.child.exitCode).toBe(2);
      expect(demo.output()).toContain('Usage: npm run demo');
    },
  );
});

/** npm keeps things of its own there. */
async function dataFoldersIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith('jackfield-'));
}

/** Of the line that sums up. */
function figuresOf(text: string): readonly number[] {
  const line = /^([\d,]+) accepted = .*$/m.exec(text)?.[0] ?? '';
  return (line.match(/\d[\d,]*/g) ?? []).map((figure) => Number(figure.replaceAll(',', '')));
}
