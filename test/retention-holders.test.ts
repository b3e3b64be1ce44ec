import { describe, expect, it } from 'vitest';
import { Secret } from '../src/core/secret.ts';
import { openPostgres } from '../src/storage/postgres.ts';
import { Storage } from '../src/storage/storage.ts';
import { createDatabase } from './support/database.ts';
import { query } from './support/sql.ts';

describe('a cursor that retention moves while a worker holds it', () => {
  it('is not the worker’s any more, but names it for as long as it may still begin something', async () => {
    await using database = await createDatabase('postgres');
    const url = database.environment['DATABASE_URL'] ?? '';
    await using storage = new Storage(
      openPostgres({ url: new Secret(url), poolSize: 1, onIdleError: () => undefined }),
    );
    await query(
      url,
      `insert into organization (id, username, region, segment_integration_limit, data_key)
       values ('org_held', 'held', 'global', 10, '')`,
    );
    await query(
      url,
      `insert into integration (id, organization_id, provider, name, email_events, settings)
       select 'intg_00000000000' || n, 'org_held', 'segment', 'Held', '{}', '{}' from generate_series(1, 2) n`,
    );
    await query(url, "insert into event_head (organization_id, position) values ('org_held', 7)");
    await query(
      url,
      `insert into delivery_cursor (integration_id, organization_id, kind, position, totals, generation, lease_owner, lease_until)
       select id, 'org_held', 'live', 0, array_fill(0::bigint, array[14]), 4,
         case when right(id, 1) = '1' then 'proc_1' end, case when right(id, 1) = '1' then now() + interval '10 s' end
       from integration`,
    );
    await query(
      url,
      "insert into cursor_filter (cursor_id, from_position, kinds, totals) select id, 0, '{}', totals from delivery_cursor",
    );
    // nothing of the log is there: all of it is past its time
    await storage.retention.passBy(new Date());
    const moved = await query(
      url,
      `select position::int, generation::int, lease_owner,
         lease_until <= clock_timestamp() + interval '2 s' as soon, lease_until > clock_timestamp() as held
       from delivery_cursor order by integration_id`,
    );
    expect(moved).toEqual([
      { position: 7, generation: 5, lease_owner: 'proc_1', soon: true, held: true },
      { position: 7, generation: 5, lease_owner: null, soon: null, held: null },
    ]);
  });
});
