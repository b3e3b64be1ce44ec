/** Which integrations' credentials are to be verified, and by whom. One process at a time claims one. */
import type { Kysely } from 'kysely';
import type { ProviderName } from '../core/integration.ts';
import type { Schema } from './schema.ts';
import { statement } from './statement.ts';

export interface VerificationClaim {
  readonly integrationId: string;
  readonly organizationId: string;
  readonly provider: string;
  readonly version: number;
  readonly attempt: number;
  readonly dataKey: string;
  readonly sealed: string;
}

/**
 * Takes what is due and leaves a lease: until it ends a request may begin. `skip locked` passes by what another
 * process is claiming, changing or deleting. The next due time is set at once, so a crash is only a delay.
 */
const claim = statement<ClaimRow, [string, readonly string[], number, number, number]>(`
  with due as (
    select id from integration
    where verify_at <= clock_timestamp() and provider = any ($2::text[])
    order by verify_at limit $3
    for update skip locked
  ), claimed as (
    update integration i
    set verify_owner = $1, verify_lease_until = clock_timestamp() + $4 * interval '1 millisecond',
      verify_at = clock_timestamp() + $5 * interval '1 millisecond', verify_attempt = verify_attempt + 1
    from due where i.id = due.id
    returning i.*
  )
  select c.id, c.organization_id, c.provider, c.version, c.verify_attempt, o.data_key, s.sealed
  from claimed c
  join organization o on o.id = c.organization_id
  join credential s on s.integration_id = c.id`);

/** Only the version that was verified: credentials that were replaced meanwhile are verified anew. */
const settle = statement<never, [string, string, number, string]>(`
  update integration
  set status = $4, verify_at = null, verify_attempt = 0, verify_lease_until = null, verify_owner = null
  where id = $1 and verify_owner = $2 and version = $3`);

const postpone = statement<never, [string, string, number, number]>(`
  update integration
  set verify_at = clock_timestamp() + $4 * interval '1 millisecond', verify_lease_until = null, verify_owner = null
  where id = $1 and verify_owner = $2 and version = $3`);

const lease = statement<{ readonly id: string }, [string, string, string, number]>(`
  update integration
  set verify_owner = $3, verify_lease_until = clock_timestamp() + $4 * interval '1 millisecond'
  where organization_id = $1 and id = $2
  returning id`);

export class VerificationStore {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  async claim(options: {
    readonly owner: string;
    readonly providers: readonly ProviderName[];
    readonly most: number;
    readonly leaseMs: number;
    /** When it is due again if nobody settles it. */
    readonly againMs: number;
  }): Promise<readonly VerificationClaim[]> {
    const { owner, providers, most, leaseMs, againMs } = options;
    const rows = await claim(this.#db, owner, providers, most, leaseMs, againMs);
    return rows.map((row) => ({
      integrationId: row.id,
      organizationId: row.organization_id,
      provider: row.provider,
      version: row.version,
      attempt: row.verify_attempt,
      dataKey: row.data_key,
      sealed: row.sealed,
    }));
  }

  /** For one request outside of the queue: a removal waits for it. @returns whether there is such an integration. */
  async lease(organizationId: string, id: string, owner: string, leaseMs: number): Promise<boolean> {
    return (await lease(this.#db, organizationId, id, owner, leaseMs)).length > 0;
  }

  /** Records what the provider said; nothing where the integration changed or went meanwhile. */
  async settle({ integrationId, version }: VerificationClaim, owner: string, status: string): Promise<void> {
    await settle(this.#db, integrationId, owner, version, status);
  }

  async postpone(
    { integrationId, version }: VerificationClaim,
    owner: string,
    delayMs: number,
  ): Promise<void> {
    await postpone(this.#db, integrationId, owner, version, delayMs);
  }
}

interface ClaimRow {
  readonly id: string;
  readonly organization_id: string;
  readonly provider: string;
  readonly version: number;
  readonly verify_attempt: number;
  readonly data_key: string;
  readonly sealed: string;
}
