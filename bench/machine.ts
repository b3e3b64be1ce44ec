/** What the figures depend on, and what the process under load holds. Linux only: both are read from /proc. */
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { query } from '../test/support/sql.ts';

export interface Memory {
  readonly residentMb: number;
  readonly highestResidentMb: number;
}

export async function readMemory(pid: number): Promise<Memory> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const field = (name: string) => {
    const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1];
    if (kilobytes === undefined) throw new Error(`/proc/${pid}/status has no ${name}`);
    return Number(kilobytes) / 1_024;
  };
  return { residentMb: field('VmRSS'), highestResidentMb: field('VmHWM') };
}

/** From here on the highest is counted anew. */
export async function forgetHighestMemory(pid: number): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, '5');
}

/** One line. */
export async function describeMachine(serverUrl: string): Promise<string> {
  const [row] = await query(`${serverUrl}/postgres`, 'show server_version');
  const gigabytes = Math.round(totalmem() / 1_024 ** 3);
  const model = cpus()[0]?.model ?? 'unknown processor';
  return (
    `${availableParallelism()} cores of ${model}, ${gigabytes} GiB memory, ` +
    `Node ${process.versions.node}, PostgreSQL ${String(row?.['server_version'])}`
  );
}
