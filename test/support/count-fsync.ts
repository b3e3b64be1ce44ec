/**
 * Loaded before a process and each of its threads (`--import`): writes down the inode of every file that was really
 * synced, one a line, before the program that asked for it goes on.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const countFile = process.env['FSYNC_COUNT_FILE'];
if (countFile === undefined) throw new Error('FSYNC_COUNT_FILE is not set');

fs.appendFileSync(countFile, '');
const { fsyncSync } = fs;
fs.fsyncSync = (descriptor) => {
  fsyncSync(descriptor);
  fs.appendFileSync(countFile, `${fs.fstatSync(descriptor).ino}\n`);
};
syncBuiltinESMExports();
