/** The process behind floor-get.ts. Tells its parent the URL that it listens on. */
import { webcrypto } from 'node:crypto';
import { fastify } from 'fastify';
import { compactDecrypt } from 'jose';
import pg from 'pg';
import { poolSize } from './plan.ts';

const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: poolSize });
const key = await webcrypto.subtle.importKey(
  'raw',
  Buffer.from(process.env['KEY'] ?? '', 'base64'),
  'AES-GCM',
  false,
  ['decrypt'],
);
const app = fastify();

app.route<{ Params: { id: string } }>({
  method: 'GET',
  url: '/:id',
  handler: async (request) => {
    const { rows } = await pool.query<{ id: string; name: string; sealed: string }>({
      name: 'get',
      text: 'select id, name, sealed from secret where id = $1',
      values: [request.params.id],
    });
    const [row] = rows;
    if (row === undefined) throw new Error('no such row');
    const { plaintext } = await compactDecrypt(row.sealed, key, {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    });
    return { id: row.id, name: row.name, secret: Buffer.from(plaintext).toString() };
  },
});

process.send?.(await app.listen({ host: '127.0.0.1', port: 0 }));
