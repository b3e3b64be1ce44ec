/**
 * The floor of "get": plain Fastify that reads one row by a prepared statement, opens one compact JWE with jose and
 * answers JSON. No authentication, no tenants, no rate limit, no log. In its own process, as Jackfield is.
 */
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { CompactEncrypt } from 'jose';
import pg from 'pg';
import { openClient } from './client.ts';
import { createDatabase } from './database.ts';
import { type Operation, of } from './operations.ts';
import { callers } from './plan.ts';

const rows = 320;

export async function startGetFloor(serverUrl: string): Promise<Operation & AsyncDisposable> {
  const databaseUrl = await createDatabase(serverUrl, 'floor');
  const key = randomBytes(32);
  const ids = await seed(databaseUrl, key);
  const environment = {
    PATH: process.env['PATH'],
    NODE_ENV: 'production',
    DATABASE_URL: databaseUrl,
    KEY: key.toString('base64'),
  };
  const server = fork(new URL('./floor-server.ts', import.meta.url), { env: environment });
  const [url] = await once(server, 'message');
  const client = openClient(String(url), callers);
  let count = 0;
  return {
    name: 'Fastify, one prepared select, one decryption',
    begin: () => () => client.send({ method: 'GET', path: `/${of(ids, ++count % rows)}`, status: 200 }),
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]();
      const exit = once(server, 'exit');
      server.kill('SIGTERM');
      await exit;
    },
  };
}

async function seed(databaseUrl: string, key: Uint8Array): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('create table secret (id text primary key, name text not null, sealed text not null)');
  const ids = Array.from({ length: rows }, () => `intg_${randomBytes(6).toString('hex')}`);
  for (const id of ids) {
    const sealed = await new CompactEncrypt(Buffer.from('{"write_key":"write-key-1234567"}'))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', rec: id })
      .encrypt(key);
    await client.query('insert into secret values ($1, $2, $3)', [id, 'Untitled Integration', sealed]);
  }
  await client.query('vacuum analyze secret');
  await client.end();
  return ids;
}
