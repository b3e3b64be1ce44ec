/** One organization's writes that wait inside the database leave connections to everybody else. */

import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { startApp } from './support/app.ts';
import { call } from './support/http.ts';
import { createTenant, segmentBody } from './support/tenants.ts';

const waiting = `select count(*)::int as count from pg_stat_activity
  where datname = current_database() and wait_event_type = 'Lock'`;

describe('writes that wait', () => {
  it('occupy half of the connections at most, and are all answered in the end', async () => {
    await using app = await startApp('postgres', { JACKFIELD_DATABASE_POOL_SIZE: '4' });
    const [busy, other] = [await createTenant(app), await createTenant(app)];
    const connectionString = app.database.environment['DATABASE_URL'];
    const holder = new pg.Client({ connectionString });
    await holder.connect();
    // of its own: inside a transaction the list of activities stays what it was at first sight
    const watcher = new pg.Client({ connectionString });
    await watcher.connect();
    await holder.query('begin');
    await holder.query('select from organization where user_id = $1 for update', [busy.userId]);

    const create = async () =>
      await call(app, 'POST', '/v3/marketing/integrations', { key: busy.key, json: segmentBody() });
    const creations = Array.from({ length: 12 }, create);
    let inside = 0;
    while (inside < 2) inside = (await watcher.query<{ count: number }>(waiting)).rows[0]?.count ?? 0;
    const reads = Array.from(
      { length: 20 },
      async () => await call(app, 'GET', '/v3/scopes', { key: other.key }),
    );
    expect((await Promise.all(reads)).map((answer) => answer.status)).toEqual(reads.map(() => 200));
    expect((await watcher.query<{ count: number }>(waiting)).rows).toEqual([{ count: 2 }]);

    await holder.query('commit');
    await holder.end();
    await watcher.end();
    const statuses = (await Promise.all(creations)).map((answer) => answer.status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([...Array(10).fill(201), 403, 403]);
  });
});
