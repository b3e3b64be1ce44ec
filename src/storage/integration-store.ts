/** Integrations and their sealed credentials: two tables, written and removed together. */
import type { Kysely } from 'kysely';
import type { Integration, ProviderName } from '../core/integration.ts';
import {
  columns,
  type IntegrationRow,
  type Sealed,
  type StoredIntegration,
  toIntegration,
  toStored,
} from './integration-row.ts';
import type { Schema } from './schema.ts';
import { statement } from './statement.ts';

export type { StoredIntegration } from './integration-row.ts';

export type NewIntegration = Omit<Integration, 'version' | 'status' | 'createdAt' | 'updatedAt'>;
export type IntegrationChange = Pick<Integration, 'name' | 'emailEvents' | 'settings'>;

/** Sealed credentials to store, and whether they are to be verified in the background. */
export interface SealedCredentials {
  readonly sealed: string;
  readonly verify: boolean;
}

/** An integration held for removal. */
export interface HeldIntegration {
  readonly integration: Integration;
  /** Whether something referred to it just before it was held; the foreign key has the last word. */
  readonly referredTo: boolean;
  /** Another process may begin a request with its credentials for so long. */
  readonly verification: { readonly owner: string; readonly leftMs: number } | undefined;
}

const list = statement<IntegrationRow & Sealed, [string, readonly string[]]>(`
  select ${columns}, c.sealed
  from integration i join credential c on c.integration_id = i.id
  where i.organization_id = $1 and i.provider = any ($2::text[])
  order by i.created_at, i.id`);

const get = statement<IntegrationRow & Sealed, [string, string, readonly string[]]>(`
  select ${columns}, c.sealed
  from integration i join credential c on c.integration_id = i.id
  where i.id = $2 and i.organization_id = $1 and i.provider = any ($3::text[])`);

/**
 * Holds both rows until the transaction ends: a delete under way is waited for, and then there is nothing to hold.
 * The credential is locked too because, after waiting, only locked rows are read anew.
 */
const lock = statement<IntegrationRow & Sealed, [string, string, readonly string[]]>(`
  select ${columns}, c.sealed
  from integration i join credential c on c.integration_id = i.id
  where i.id = $2 and i.organization_id = $1 and i.provider = any ($3::text[])
  for update of i, c`);

/**
 * Two overlapping bulk deletes take their rows in the same order, so neither waits for the other in a circle.
 * `for update` also conflicts with the key-share lock that a new reference takes on the row.
 */
const lockAll = statement<IntegrationRow & HeldColumns, [string, readonly string[], readonly string[]]>(`
  select ${columns}, i.verify_owner,
    ceil(extract(epoch from i.verify_lease_until - clock_timestamp()) * 1000)::integer as lease_left_ms,
    -- limit with the index's own order, not exists: that one is planned as a scan where one integration has many numbers
    (
      select true from phone_number p where p.organization_id = i.organization_id and p.integration_id = i.id
      order by p.organization_id, p.integration_id, p.phone_number limit 1
    ) is not null as referred_to
  from integration i
  where i.organization_id = $1 and i.id = any ($2::text[]) and i.provider = any ($3::text[])
  order by i.id
  for update of i`);

const findAll = statement<IntegrationRow, [string, readonly string[], readonly string[]]>(`
  select ${columns}
  from integration i
  where i.organization_id = $1 and i.id = any ($2::text[]) and i.provider = any ($3::text[])
  order by i.id`);

/** Keeps it from being deleted until the transaction ends, without holding up anybody else who refers to it. */
const share = statement<IntegrationRow, [string, string]>(`
  select ${columns} from integration i where i.organization_id = $1 and i.id = $2 for key share`);

type InsertParameters = [string, string, string, string, readonly string[], string, string, boolean];
const insert = statement<IntegrationRow, InsertParameters>(`
  with i as (
    insert into integration (id, organization_id, provider, name, email_events, settings, verify_at)
    values ($1, $2, $3, $4, $5::text[], $6::jsonb, case when $8 then now() end)
    on conflict (id) do nothing
    returning *
  ), c as (
    insert into credential (integration_id, organization_id, sealed) select id, organization_id, $7 from i
  )
  select ${columns} from i`);

type UpdateParameters = [string, string, string, readonly string[], string, string | null, boolean];
const update = statement<IntegrationRow, UpdateParameters>(`
  with i as (
    update integration
    set name = $3, email_events = $4::text[], settings = $5::jsonb, version = version + 1, updated_at = now(),
      verify_at = case when $7 then now() else verify_at end,
      verify_attempt = case when $7 then 0 else verify_attempt end
    where organization_id = $1 and id = $2
    returning *
  ), c as (
    update credential set sealed = $6 where integration_id = $2 and organization_id = $1 and $6::text is not null
  )
  select ${columns} from i`);

/**
 * Both tables in one statement: foreign keys are checked when it ends. A reference that is still there, even one
 * that was committed while this transaction waited, makes it fail: the key decides, not what was read before.
 */
const remove = statement<{ readonly id: string }, [string, readonly string[]]>(`
  with c as (
    delete from credential where organization_id = $1 and integration_id = any ($2::text[])
  )
  delete from integration where organization_id = $1 and id = any ($2::text[]) returning id`);

const count = statement<{ readonly count: number }, [string, string]>(
  'select count(*) as count from integration where organization_id = $1 and provider = $2',
);

export class IntegrationStore {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** Oldest first. */
  async list(
    organizationId: string,
    providers: readonly ProviderName[],
  ): Promise<readonly StoredIntegration[]> {
    return (await list(this.#db, organizationId, providers)).map(toStored);
  }

  async find(
    organizationId: string,
    id: string,
    providers: readonly ProviderName[],
  ): Promise<StoredIntegration | undefined> {
    return (await get(this.#db, organizationId, id, providers)).map(toStored)[0];
  }

  /** Inside a transaction: as find, and nobody else changes or deletes it until the transaction ends. */
  async lock(
    organizationId: string,
    id: string,
    providers: readonly ProviderName[],
  ): Promise<StoredIntegration | undefined> {
    return (await lock(this.#db, organizationId, id, providers)).map(toStored)[0];
  }

  /** Inside a transaction: it stays until the transaction ends, so that something can be made to refer to it. */
  async share(organizationId: string, id: string): Promise<Integration | undefined> {
    return (await share(this.#db, organizationId, id)).map(toIntegration)[0];
  }

  /** Those of the ids that exist; by id. */
  async findAll(organizationId: string, ids: readonly string[], providers: readonly ProviderName[]) {
    return (await findAll(this.#db, organizationId, ids, providers)).map(toIntegration);
  }

  /** Inside a transaction: as findAll, each held until the transaction ends. */
  async lockAll(
    organizationId: string,
    ids: readonly string[],
    providers: readonly ProviderName[],
  ): Promise<readonly HeldIntegration[]> {
    return (await lockAll(this.#db, organizationId, ids, providers)).map(toHeld);
  }

  /** @returns undefined where the id is taken. */
  async insert(
    integration: NewIntegration,
    { sealed, verify }: SealedCredentials,
  ): Promise<Integration | undefined> {
    const { id, organizationId, provider, name, settings, emailEvents: events } = integration;
    const json = JSON.stringify(settings);
    const rows = await insert(this.#db, id, organizationId, provider, name, events, json, sealed, verify);
    return rows.map(toIntegration)[0];
  }

  /** Inside a transaction that holds the row. Without credentials the sealed ones stay as they are. */
  async update(
    { id, organizationId }: Integration,
    { name, emailEvents: events, settings }: IntegrationChange,
    credentials: SealedCredentials | undefined,
  ): Promise<Integration> {
    const sealed = credentials?.sealed ?? null;
    const verify = credentials?.verify ?? false;
    const json = JSON.stringify(settings);
    const [row] = await update(this.#db, organizationId, id, name, events, json, sealed, verify);
    if (row === undefined) throw new Error(`integration ${id} is gone although it is locked`);
    return toIntegration(row);
  }

  /** Inside a transaction that holds the rows: removes them and their sealed credentials. */
  async delete(organizationId: string, ids: readonly string[]): Promise<void> {
    await remove(this.#db, organizationId, ids);
  }

  async count(organizationId: string, provider: ProviderName): Promise<number> {
    return (await count(this.#db, organizationId, provider))[0]?.count ?? 0;
  }
}

interface HeldColumns {
  readonly verify_owner: string | null;
  readonly lease_left_ms: number | null;
  readonly referred_to: boolean;
}

function toHeld(row: IntegrationRow & HeldColumns): HeldIntegration {
  const { verify_owner: owner, lease_left_ms: leftMs } = row;
  return {
    integration: toIntegration(row),
    referredTo: row.referred_to,
    verification: owner !== null && leftMs !== null && leftMs > 0 ? { owner, leftMs } : undefined,
  };
}
