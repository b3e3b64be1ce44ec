/** Jackfield as a process of its own, on a free port, with a data folder that goes with it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newOrganizationId } from '../src/core/ids.ts';
import { newRoleKey } from '../src/core/role-key.ts';
import { newSendGridKey } from '../src/core/sendgrid-key.ts';
import type { Account } from './api.ts';

const program = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const readyForm = /^Jackfield is listening on (http:\S+)$/m;
const keptLogCharacters = 4_000;

export interface Jackfield extends Account, AsyncDisposable {
  readonly sendGridKey: string;
  /** The end of what it has logged. */
  log(): string;
}

/** @throws Error with its log, where it does not start */
export async function startJackfield(sinkUrl: string): Promise<Jackfield> {
  const folder = await mkdtemp(join(tmpdir(), 'jackfield-demo-'));
  const organizationId = newOrganizationId();
  const roleKey = newRoleKey().token;
  const sendGridKey = newSendGridKey().token;
  const child = spawn(process.execPath, [program, 'serve'], {
    // nothing of the surroundings: the settings of a real Jackfield may stand there
    env: {
      PORT: '0',
      JACKFIELD_DATA_DIR: join(folder, 'data'),
      JACKFIELD_LOG_LEVEL: 'warn',
      JACKFIELD_SEGMENT_INTEGRATION_LIMIT: '100',
      JACKFIELD_SEGMENT_US_URL: sinkUrl,
      JACKFIELD_SEGMENT_EU_URL: sinkUrl,
      JACKFIELD_BOOTSTRAP_ORGANIZATION_ID: organizationId,
      JACKFIELD_BOOTSTRAP_API_KEY: roleKey,
      JACKFIELD_BOOTSTRAP_SENDGRID_KEY: sendGridKey,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-keptLogCharacters);
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await closed;
    await rm(folder, { recursive: true, force: true });
  };
  const ready = Promise.withResolvers<string>();
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    const url = readyForm.exec(output)?.[1];
    if (url !== undefined) ready.resolve(url);
  });
  void closed.then(() => ready.reject(new Error(`Jackfield did not start:\n${log}`)));
  try {
    const url = await ready.promise;
    return {
      url,
      organizationId,
      roleKey,
      sendGridKey,
      log: () => log,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
