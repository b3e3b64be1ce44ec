/**
 * Adds to every package-lock.json the optional packages of other platforms that `npm install` leaves out when it cannot
 * fetch them; `npm ci` refuses a lockfile without them. Run after every change of the dependencies.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

const folders = ['', 'bench/', 'bench/forward/'];
const systems = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const processors = [
  'arm',
  'arm64',
  'ia32',
  'loong64',
  'mips64el',
  'ppc64',
  'riscv64',
  's390x',
  'wasm32',
  'x64',
];

const lockForm = z.looseObject({
  packages: z.record(
    z.string(),
    z.looseObject({
      dev: z.boolean().optional(),
      optionalDependencies: z.record(z.string(), z.string()).optional(),
    }),
  ),
});

for (const folder of folders) complete(folder);

function complete(folder: string): void {
  const file = new URL(`../${folder}package-lock.json`, import.meta.url);
  const lock = lockForm.parse(JSON.parse(readFileSync(file, 'utf8')));
  const missing: [string, Record<string, unknown>][] = [];
  for (const [path, { dev, optionalDependencies = {} }] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const key = `node_modules/${name}`;
      if (key in lock.packages || `${path}/${key}` in lock.packages) continue;
      missing.push([key, { version, ...(dev === true && { dev }), optional: true, ...platformOf(name) }]);
    }
  }
  const { '': root, ...rest } = lock.packages;
  const sorted = Object.entries({ ...rest, ...Object.fromEntries(missing) }).toSorted(([a], [b]) =>
    a.localeCompare(b, 'en'),
  );
  writeFileSync(
    file,
    `${JSON.stringify({ ...lock, packages: { '': root, ...Object.fromEntries(sorted) } }, null, 2)}\n`,
  );
  process.stdout.write(`${folder}package-lock.json: ${missing.length} packages of other platforms added\n`);
}

/** What a platform package says of itself, read from its name: npm skips it elsewhere because of these fields. */
function platformOf(name: string): Record<string, readonly string[]> {
  const words = name.split(/[/-]/);
  const [system, processor] = [systems, processors].map((known) =>
    known.find((word) => words.includes(word)),
  );
  const musl = words.some((word) => word.startsWith('musl'));
  const libc = musl ? 'musl' : words.includes('gnu') ? 'glibc' : undefined;
  return {
    ...(processor !== undefined && { cpu: [processor] }),
    ...(system === 'linux' && libc !== undefined && { libc: [libc] }),
    ...(system !== undefined && { os: [system] }),
  };
}
