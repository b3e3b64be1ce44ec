/** Integrations and their sealed credentials: two tables, written and removed together. */
import type { Kysely } from 'kysely';
import { z } from 'zod';
import { emailEvents } from '../core/email-event.ts';
import { type Integration, type ProviderName, providerNames } from '../core/integration.ts';
import type { Schema } from './schema.ts';
import { statement } from './statement.ts';

export interface StoredIntegration {
  readonly integration: Integration;
  /** Compact JWE under the organization's data key. */
  readonly sealed: string;
}

export type NewIntegration = Omit<Integration, 'version' | 'createdAt' | 'updatedAt'>;
export type IntegrationChange = Pick<Integration, 'name' | 'emailEvents' | 'settings'>;

const columns = `i.id, i.organization_id, i.provider, i.name, i.email_events, i.settings, i.version, i.created_at,
    i.updated_at`;

const list = statement<Row & Sealed, [string, readonly string[]]>(`
  select ${columns}, c.sealed
  from integration i join credential c on c.integration_id = i.id
  where i.organization_id = $1 and i.provider = any ($2::text[])
  order by i.created_at, i.id`);

const get = statement<Row & Sealed, [string, string, readonly string[]]>(`
  select ${columns}, c.sealed
  from integration i join credential c on c.integration_id = i.id
  where i.id = $2 and i.organization_id = $1 and i.provider = any ($3::text[])`);

/**
 * Holds both rows until the transaction ends: a delete under way is waited for, and then there is nothing to hold.
 * The credential is locked too because, after waiting, only locked rows are read anew.
 */
const lock = statement<Row & Sealed, [string, string, readonly string[]]>(`
  select ${columns}, c.sealed
  from integration i join credential c on c.integration_id = i.id
  where i.id = $2 and i.organization_id = $1 and i.provider = any ($3::text[])
  for update of i, c`);

/**
 * Two overlapping bulk deletes take their rows in the same order, so neither waits for the other in a circle.
 * `for update` also conflicts with the key-share lock that a new reference takes on the row.
 */
const lockAll = statement<Row, [string, readonly string[], readonly string[]]>(`
  select ${columns}
  from integration i
  where i.organization_id = $1 and i.id = any ($2::text[]) and i.provider = any ($3::text[])
  order by i.id
  for update`);

const findAll = statement<Row, [string, readonly string[], readonly string[]]>(`
  select ${columns}
  from integration i
  where i.organization_id = $1 and i.id = any ($2::text[]) and i.provider = any ($3::text[])
  order by i.id`);

const insert = statement<Row, [string, string, string, string, readonly string[], string, string]>(`
  with i as (
    insert into integration (id, organization_id, provider, name, email_events, settings)
    values ($1, $2, $3, $4, $5::text[], $6::jsonb)
    on conflict (id) do nothing
    returning *
  ), c as (
    insert into credential (integration_id, organization_id, sealed) select id, organization_id, $7 from i
  )
  select ${columns} from i`);

const update = statement<Row, [string, string, string, readonly string[], string, string | null]>(`
  with i as (
    update integration
    set name = $3, email_events = $4::text[], settings = $5::jsonb, version = version + 1, updated_at = now()
    where organization_id = $1 and id = $2
    returning *
  ), c as (
    update credential set sealed = $6 where integration_id = $2 and organization_id = $1 and $6::text is not null
  )
  select ${columns} from i`);

/**
 * The credentials go in a statement of their own, first: foreign keys are checked when a statement ends, and within
 * one statement the two deletions would run in no certain order.
 */
const deleteCredentials = statement<never, [string, readonly string[]]>(
  'delete from credential where organization_id = $1 and integration_id = any ($2::text[])',
);
const deleteIntegrations = statement<{ readonly id: string }, [string, readonly string[]]>(
  'delete from integration where organization_id = $1 and id = any ($2::text[]) returning id',
);

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

  /** Those of the ids that exist; by id. */
  async findAll(organizationId: string, ids: readonly string[], providers: readonly ProviderName[]) {
    return (await findAll(this.#db, organizationId, ids, providers)).map(toIntegration);
  }

  /** Inside a transaction: as findAll, each held until the transaction ends. */
  async lockAll(organizationId: string, ids: readonly string[], providers: readonly ProviderName[]) {
    return (await lockAll(this.#db, organizationId, ids, providers)).map(toIntegration);
  }

  /** @returns undefined where the id is taken. */
  async insert(integration: NewIntegration, sealed: string): Promise<Integration | undefined> {
    const { id, organizationId, provider, name, settings } = integration;
    const events = integration.emailEvents;
    const json = JSON.stringify(settings);
    const rows = await insert(this.#db, id, organizationId, provider, name, events, json, sealed);
    return rows.map(toIntegration)[0];
  }

  /** Inside a transaction that holds the row. `sealed` undefined leaves the credentials as they are. */
  async update(
    { id, organizationId }: Integration,
    change: IntegrationChange,
    sealed: string | undefined,
  ): Promise<Integration> {
    const settings = JSON.stringify(change.settings);
    const rows = await update(
      this.#db,
      organizationId,
      id,
      change.name,
      change.emailEvents,
      settings,
      sealed ?? null,
    );
    const [row] = rows;
    if (row === undefined) throw new Error(`integration ${id} is gone although it is locked`);
    return toIntegration(row);
  }

  /** Inside a transaction that holds the rows: removes them and their sealed credentials. */
  async delete(organizationId: string, ids: readonly string[]): Promise<void> {
    await deleteCredentials(this.#db, organizationId, ids);
    await deleteIntegrations(this.#db, organizationId, ids);
  }

  async count(organizationId: string, provider: ProviderName): Promise<number> {
    return (await count(this.#db, organizationId, provider))[0]?.count ?? 0;
  }
}

interface Row {
  readonly id: string;
  readonly organization_id: string;
  readonly provider: string;
  readonly name: string;
  readonly email_events: readonly string[];
  readonly settings: unknown;
  readonly version: number;
  readonly created_at: Date;
  readonly updated_at: Date;
}
interface Sealed {
  readonly sealed: string;
}

const checked = z.object({
  provider: z.enum(providerNames),
  email_events: z.array(z.enum(emailEvents)),
  settings: z.record(z.string(), z.unknown()),
});

function toIntegration(row: Row): Integration {
  const { provider, email_events, settings } = checked.parse(row);
  return {
    id: row.id,
    organizationId: row.organization_id,
    provider,
    name: row.name,
    emailEvents: email_events,
    settings,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function toStored(row: Row & Sealed): StoredIntegration {
  return { integration: toIntegration(row), sealed: row.sealed };
}
