/** Old rows go in slices: nobody waits behind a statement that deletes millions, and each slice is done with. */
import type { Kysely } from 'kysely';
import type { Schema } from '../storage/schema.ts';
import { statement } from '../storage/statement.ts';

const rowsAtOnce = 10_000;

/** By time, which has an index in each of them. */
const deletion = (table: string) =>
  statement<{ readonly count: number }, [Date]>(`
    with gone as (
      delete from ${table} where ctid = any (array(select ctid from ${table} where at < $1 order by at limit ${rowsAtOnce}))
      returning 1
    )
    select count(*) as count from gone`);

const deletions = {
  delivery_attempt: deletion('delivery_attempt'),
  dead_letter: deletion('dead_letter'),
  sampled_minute: deletion('sampled_minute'),
  organization_standing: deletion('organization_standing'),
  organization_minute: deletion('organization_minute'),
  integration_minute: deletion('integration_minute'),
} as const;

/** Outside of a transaction: each slice commits by itself. */
export async function deleteInSlices(
  db: Kysely<Schema>,
  table: keyof typeof deletions,
  before: Date,
): Promise<void> {
  for (;;) {
    const [gone] = await deletions[table](db, before);
    if ((gone?.count ?? 0) < rowsAtOnce) return;
  }
}
