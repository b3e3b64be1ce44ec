/** Stored answers of repeated writes. */
import type { Kysely } from 'kysely';
import type { Schema } from './schema.ts';
import { statement } from './statement.ts';

/** What an idempotency key is unique within. */
export interface IdempotencyScope {
  readonly organizationId: string;
  readonly actorId: string;
  readonly method: string;
  readonly path: string;
  readonly key: string;
}

export type IdempotencyClaim =
  | { readonly kind: 'claimed' }
  | { readonly kind: 'answered'; readonly fingerprint: string; readonly sealed: string };

type ScopeParameters = [string, string, string, string, string];

/**
 * The first of two equal keys inserts the row; the second waits here for the first one's transaction, and then either
 * finds the committed answer or, where the first was rolled back, inserts the row itself. An answer past its time is
 * taken over in place.
 */
const claim = statement<{ readonly claimed: boolean }, [...ScopeParameters, string, number]>(`
  insert into idempotency_key (organization_id, actor_id, method, path, key, fingerprint)
  values ($1, $2, $3, $4, $5, $6)
  on conflict (organization_id, actor_id, method, path, key) do update
    set fingerprint = excluded.fingerprint, sealed = null, created_at = clock_timestamp()
    where idempotency_key.created_at < clock_timestamp() - $7 * interval '1 millisecond'
  returning true as claimed`);

const find = statement<{ readonly fingerprint: string; readonly sealed: string | null }, ScopeParameters>(`
  select fingerprint, sealed from idempotency_key
  where organization_id = $1 and actor_id = $2 and method = $3 and path = $4 and key = $5`);

const keep = statement<never, [...ScopeParameters, string]>(`
  update idempotency_key set sealed = $6
  where organization_id = $1 and actor_id = $2 and method = $3 and path = $4 and key = $5`);

const forget = statement<never, [number]>(
  "delete from idempotency_key where created_at < clock_timestamp() - $1 * interval '1 millisecond'",
);

export class IdempotencyStore {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** Inside the transaction of the write itself. */
  async claim(scope: IdempotencyScope, fingerprint: string, keptMs: number): Promise<IdempotencyClaim> {
    const [row] = await claim(this.#db, ...parametersOf(scope), fingerprint, keptMs);
    if (row !== undefined) return { kind: 'claimed' };
    const [stored] = await find(this.#db, ...parametersOf(scope));
    if (stored === undefined || stored.sealed === null)
      throw new Error('a stored answer vanished while it was read');
    return { kind: 'answered', fingerprint: stored.fingerprint, sealed: stored.sealed };
  }

  /** Inside the same transaction, once the answer is known. */
  async keep(scope: IdempotencyScope, sealed: string): Promise<void> {
    await keep(this.#db, ...parametersOf(scope), sealed);
  }

  async forgetOlderThan(ageMs: number): Promise<void> {
    await forget(this.#db, ageMs);
  }
}

function parametersOf({ organizationId, actorId, method, path, key }: IdempotencyScope): ScopeParameters {
  return [organizationId, actorId, method, path, key];
}
