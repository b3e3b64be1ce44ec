/** Commands that work on the database itself: `vault rotate`, `backup`, `restore`. */
import { z } from 'zod';
import { loadConfig } from '../../config/config.ts';
import type { Environment } from '../../config/env.ts';
import { type Command, command } from '../command.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';

export const storeCommands: readonly Command[] = [
  command({
    name: 'vault rotate',
    summary: 'Wrap all data keys under the first master key',
    details:
      'Needs the settings of the server, with the new master key first and the old ones behind it. ' +
      'It can be ended at any time: run again, it goes on. On PostgreSQL the servers keep running, ' +
      'once all of them have both keys; the embedded database has to be stopped.',
    speaksTo: 'nobody',
    input: z.object({}),
    run: async (_, { terminal, environment, signal }) => {
      const { openStore } = await import('../store.ts');
      await using store = await openStore(loadConfig(environment));
      const total = await store.rotation.count();
      const bar = await terminal.progress(total, `Wrapping ${total} data keys under ${store.masterKeyId}`);
      try {
        const { organizations, rewrapped } = await store.rotation.rotate({
          signal,
          onSlice: (count, done) => bar.advance(count, `${done} wrapped`),
        });
        bar.end(
          `All ${organizations} data keys are under ${store.masterKeyId}; ${rewrapped} were wrapped anew.`,
        );
        const result = { master_key: store.masterKeyId, organizations, rewrapped };
        if (terminal.json) terminal.print(result, () => []);
      } catch (error) {
        bar.end('Not finished. Run it again to go on.');
        throw error;
      }
    },
  }),
  command({
    name: 'backup',
    summary: 'Write the embedded database to a file',
    details:
      'The server has to be stopped. Without the master key nothing in a backup can be read, and with it everything: ' +
      'keep the two apart. It is not inside unless --with-master-key is given.',
    arguments: [['<file>', 'the file, as jackfield.tar.gz; it must not exist']],
    options: [['--with-master-key', 'put master.key in as well']],
    speaksTo: 'nobody',
    input: z.object({ file: z.string(), withMasterKey: z.boolean().default(false) }),
    run: async ({ file, withMasterKey }, { terminal, environment }) => {
      const dataDir = dataDirOf(environment, 'pg_dump writes a backup of PostgreSQL.');
      const { backUp } = await import('../../storage/embedded-backup.ts');
      await inWords(file, async () => await backUp({ dataDir, file, withMasterKey }));
      terminal.print({ file, has_master_key: withMasterKey }, () => [
        `Wrote ${file}.`,
        withMasterKey
          ? 'It holds master.key: whoever has the file can read every credential in it.'
          : 'master.key is not inside. Keep it elsewhere: without it nothing in this file can be read.',
      ]);
    },
  }),
  command({
    name: 'restore',
    summary: 'Restore a backup into an empty data folder',
    arguments: [['<file>', 'what backup has written']],
    speaksTo: 'nobody',
    input: z.object({ file: z.string() }),
    run: async ({ file }, { terminal, environment }) => {
      const dataDir = dataDirOf(environment, 'pg_restore or psql restores a backup of PostgreSQL.');
      const { restoreInto } = await import('../../storage/embedded-backup.ts');
      const { hasMasterKey } = await inWords(file, async () => await restoreInto(dataDir, file));
      const hasKeys = hasMasterKey || environment['JACKFIELD_MASTER_KEYS'] !== undefined;
      terminal.print({ data_dir: dataDir, has_master_key: hasKeys }, () => [
        `Restored into ${dataDir}.`,
        hasKeys
          ? 'Start the server to use it.'
          : `The master key was not in the backup. Put master.key into ${dataDir} before you start the server.`,
      ]);
    },
  }),
];

/** What the packer and the file system say of a file, so that it names the file that was given. */
async function inWords<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
    const problem = typeof code === 'string' ? problems[code] : undefined;
    if (problem === undefined) throw error;
    throw new CommandError(exitCodes.failed, `${file} ${problem}.`, { cause: error });
  }
}

const problems: Readonly<Record<string, string>> = {
  TAR_BAD_ARCHIVE: 'is no backup of Jackfield',
  TAR_ENTRY_INVALID: 'is no backup of Jackfield',
  Z_DATA_ERROR: 'is no backup of Jackfield, or is damaged',
  Z_BUF_ERROR: 'is not whole',
  ENOENT: 'is in a folder that does not exist',
  ENOTDIR: 'is in a folder that does not exist',
  EISDIR: 'is a folder',
  EACCES: 'may not be read or written by this user',
  ENOSPC: 'does not fit: the disk is full',
};

function dataDirOf(environment: Environment, instead: string): string {
  const { database } = loadConfig(environment);
  if (database.kind === 'embedded') return database.dataDir;
  throw new CommandError(
    exitCodes.badUsage,
    `DATABASE_URL is set: this is for the embedded database. ${instead}`,
  );
}
