/** The embedded database's folder as one file, and back. Only while no process uses the folder: it is locked. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { create, extract } from 'tar';
import { lockDataFolder } from './embedded-lock.ts';
import { syncPath, syncTree } from './sync-folder.ts';

const keyFile = 'master.key';
const database = 'db';

export interface BackupOptions {
  readonly dataDir: string;
  readonly file: string;
  readonly withMasterKey: boolean;
}

/** Written beside its final name and renamed when it is whole. @throws DataFolderInUseError, Error */
export async function backUp({ dataDir, file, withMasterKey }: BackupOptions): Promise<void> {
  if (!existsSync(join(dataDir, database, 'PG_VERSION')))
    throw new Error(`There is no database in ${dataDir}.`);
  if (withMasterKey && !existsSync(join(dataDir, keyFile))) {
    throw new Error(
      `There is no master.key in ${dataDir}: the key is wherever JACKFIELD_MASTER_KEYS comes from.`,
    );
  }
  if (existsSync(file)) throw new Error(`${file} exists already.`);
  using _ = lockDataFolder(dataDir);
  const draft = `${file}.${randomBytes(4).toString('hex')}`;
  try {
    await create(
      { file: draft, cwd: dataDir, gzip: true, portable: true, strict: true, mode: 0o600 },
      withMasterKey ? [database, keyFile] : [database],
    );
    await chmod(draft, 0o600);
    syncPath(draft);
    await rename(draft, file);
    syncPath(dirname(resolve(file)));
  } finally {
    await rm(draft, { force: true });
  }
}

export interface Restored {
  readonly hasMasterKey: boolean;
}

/** Into a folder that is empty, or has nothing but the key file. @throws DataFolderInUseError, Error */
export async function restoreInto(dataDir: string, file: string): Promise<Restored> {
  if (!existsSync(file)) throw new Error(`There is no file ${file}.`);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  using _ = lockDataFolder(dataDir);
  const inTheWay = (await readdir(dataDir)).filter((name) => name !== 'lock' && name !== keyFile);
  if (inTheWay.length > 0)
    throw new Error(`${dataDir} is not empty. Restore into another folder, and use that one.`);
  const draft = join(dataDir, `restoring-${randomBytes(4).toString('hex')}`);
  await mkdir(draft, { mode: 0o700 });
  try {
    await extract({ file, cwd: draft, strict: true, filter: belongs });
    if (!existsSync(join(draft, database, 'PG_VERSION')))
      throw new Error(`${file} is no backup of Jackfield.`);
    const hasKey = existsSync(join(draft, keyFile));
    if (hasKey && existsSync(join(dataDir, keyFile))) {
      throw new Error(`Both ${file} and ${dataDir} have a master.key. Move the one of the folder away.`);
    }
    syncTree(draft);
    if (hasKey) await rename(join(draft, keyFile), join(dataDir, keyFile));
    // last: a folder without it is one that nothing was restored into
    await rename(join(draft, database), join(dataDir, database));
    syncPath(dataDir);
    return { hasMasterKey: existsSync(join(dataDir, keyFile)) };
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** What a backup has. Anything else in the file, links above all, is left out. */
function belongs(path: string, entry: object): boolean {
  const type: unknown = Reflect.get(entry, 'type');
  const isOurs = path === keyFile || path === database || path.startsWith(`${database}/`);
  return isOurs && (type === 'File' || type === 'Directory');
}
