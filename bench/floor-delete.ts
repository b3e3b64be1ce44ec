/**
 * The floor of "delete ten": the same guarded delete by hand, without HTTP, keys, rules or a query builder. Six
 * round trips: begin, hold the rows in one order, delete credentials, delete integrations, ten audit rows, commit.
 */
import pg from 'pg';
import { type Operation, of } from './operations.ts';
import { idsPerBulkDelete, poolSize } from './plan.ts';
import { take } from './stock.ts';
import type { Deleter } from './subject.ts';

const hold = {
  name: 'hold',
  text: `select id, name from integration
    where organization_id = $1 and id = any ($2::text[]) order by id for update`,
};
const deleteCredentials = {
  name: 'credentials',
  text: 'delete from credential where organization_id = $1 and integration_id = any ($2::text[])',
};
const deleteIntegrations = {
  name: 'integrations',
  text: 'delete from integration where organization_id = $1 and id = any ($2::text[])',
};
const audit = {
  name: 'audit',
  text: `insert into audit_entry (organization_id, actor_type, actor_id, actor_organization_id, request_id, action,
      target_type, target_id, details)
    select $1, 'api_key', 'floor', $1, 'floor', 'integration.deleted', 'integration', id, '{"name": "floor"}'
    from unnest($2::text[]) as deleted (id)`,
};

/** On Jackfield's own tables. */
export function openDeleteFloor(
  databaseUrl: string,
  deleters: readonly Deleter[],
): Operation & AsyncDisposable {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: poolSize });
  return {
    name: 'raw SQL, no HTTP',
    begin: () => {
      const stocks = deleters.map(({ floor }) => floor.nextRun());
      return (caller) => {
        const ids = take(of(stocks, caller), idsPerBulkDelete);
        return ids && remove(pool, of(deleters, caller).organizationId, ids);
      };
    },
    [Symbol.asyncDispose]: async () => await pool.end(),
  };
}

async function remove(pool: pg.Pool, organizationId: string, ids: readonly string[]): Promise<void> {
  const values = [organizationId, ids];
  const client = await pool.connect();
  try {
    await client.query('begin');
    const held = await client.query({ ...hold, values });
    if (held.rows.length !== ids.length) throw new Error('the floor was seeded with fewer rows');
    await client.query({ ...deleteCredentials, values });
    await client.query({ ...deleteIntegrations, values });
    await client.query({ ...audit, values });
    await client.query('commit');
  } finally {
    client.release();
  }
}
