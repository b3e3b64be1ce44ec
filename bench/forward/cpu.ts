/** How much processor time a process has used. On a machine that others use too it says more than the clock. Linux only. */
import { readdir, readFile } from 'node:fs/promises';

/** Linux counts in hundredths of a second, whatever the hardware. */
const msPerTick = 10;
/** In /proc/<pid>/stat after the name in parentheses: parent, and time in the program and in the kernel. */
const field = { parent: 1, user: 11, system: 12 } as const;

export async function cpuMs(pid: number): Promise<number> {
  const fields = await statOf(pid);
  return (Number(fields?.[field.user]) + Number(fields?.[field.system])) * msPerTick;
}

/** Of all that a process has started and that still run, as a PostgreSQL server's connections do, and of itself. */
export async function familyCpuMs(pid: number): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const children = await Promise.all(
    pids.map(async (each) => (Number((await statOf(each))?.[field.parent]) === pid ? await cpuMs(each) : 0)),
  );
  return children.reduce((sum, ms) => sum + (Number.isNaN(ms) ? 0 : ms), await cpuMs(pid));
}

/** Undefined where it has ended meanwhile. */
async function statOf(pid: number): Promise<readonly string[] | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
