/** Dead letters that are to be sent again when their turn comes. */
import type { Kysely } from 'kysely';
import type { Schema } from '../storage/schema.ts';
import { statement } from '../storage/statement.ts';
import type { LetterRange } from './dead-letter-store.ts';
import type { InheritedRetry } from './delivery-rows.ts';

/** Dead letters that wait for their turn to be sent to an integration: its own, or those of a removed one. */
export interface PendingRetry extends LetterRange {
  readonly integrationId: string;
  readonly organizationId: string;
  readonly sourceId: string;
  readonly rest: number;
}

/** Asked for again: from the beginning again. */
const postpone = statement<never, [string, string, string, number, number, number]>(`
  insert into dead_letter_retry (integration_id, source_id, organization_id, after_id, up_to_id, rest)
  values ($1, $2, $3, $4, $5, $6)
  on conflict (integration_id, source_id) do update
  set after_id = excluded.after_id, up_to_id = greatest(dead_letter_retry.up_to_id, excluded.up_to_id),
    rest = excluded.rest`);

/** Those whose integration has nothing else to send again. */
const due = statement<RetryRow, [string | null]>(`
  select r.* from dead_letter_retry r
  where ($1::text is null or r.integration_id = $1) and not exists (
    select from delivery_cursor c where c.integration_id = r.integration_id and c.only_positions is not null
  )
  order by r.integration_id, r.source_id limit 100`);

const drop = statement<never, [string, string]>(
  'delete from dead_letter_retry where integration_id = $1 and source_id = $2',
);

const inherited = statement<RetryRow, [readonly string[]]>(
  'select * from dead_letter_retry where integration_id = any ($1::text[]) and source_id <> integration_id',
);
const dropAll = statement<never, [readonly string[]]>(
  'delete from dead_letter_retry where integration_id = any ($1::text[])',
);

export class DeadLetterRetryStore {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** The rest of what is to be sent again has its turn later. */
  async postpone(retry: PendingRetry): Promise<void> {
    const { integrationId, sourceId, organizationId, after, upTo, rest } = retry;
    await postpone(this.#db, integrationId, sourceId, organizationId, after, upTo, Math.max(rest, 0));
  }

  /** What has its turn now, of one integration or of all. */
  async due(integrationId?: string): Promise<readonly PendingRetry[]> {
    return (await due(this.#db, integrationId ?? null)).map(toPending);
  }

  async drop({ integrationId, sourceId }: PendingRetry): Promise<void> {
    await drop(this.#db, integrationId, sourceId);
  }

  /**
   * Inside the transaction that removes the integrations: nothing has its turn any more.
   * @returns what they had still to get of others' dead letters; their own stay in their place.
   */
  async abandon(integrationIds: readonly string[]): Promise<ReadonlyMap<string, readonly InheritedRetry[]>> {
    const rows = (await inherited(this.#db, integrationIds)).map(toPending);
    await dropAll(this.#db, integrationIds);
    return Map.groupBy(rows, ({ integrationId }) => integrationId);
  }
}

interface RetryRow {
  readonly integration_id: string;
  readonly source_id: string;
  readonly organization_id: string;
  readonly after_id: number;
  readonly up_to_id: number;
  readonly rest: number;
}

function toPending(row: RetryRow): PendingRetry {
  return {
    integrationId: row.integration_id,
    sourceId: row.source_id,
    organizationId: row.organization_id,
    after: row.after_id,
    upTo: row.up_to_id,
    rest: row.rest,
  };
}
