/** Organizations as the operator works with them: all tenants, with how much they have. */
import type { Kysely } from 'kysely';
import type { OrganizationLimits, OrganizationRecord } from '../core/organization.ts';
import type { Region, Tier } from '../core/principal.ts';
import type { Schema } from './schema.ts';
import { statement } from './statement.ts';

/** Counted for the rows of the page alone. */
const columns = `o.id, o.user_id, o.username, o.parent_id, o.region, o.tier, o.segment_integration_limit, o.created_at,
    (select count(*) from integration i where i.organization_id = o.id) as integrations,
    (select count(*) from api_key k where k.organization_id = o.id and k.revoked_at is null
      and (k.expires_at is null or k.expires_at > clock_timestamp())) as api_keys`;

const page = statement<TenantRow, [number | null, number]>(`
  select ${columns} from organization o
  where $1::bigint is null or o.user_id < $1
  order by o.user_id desc
  limit $2`);

const count = statement<{ count: number }, []>('select count(*) as count from organization');

const find = statement<TenantRow, [string]>(`select ${columns} from organization o where o.id = $1`);

/** Whoever counts integrations against the limit holds the row too, so the new limit holds for who comes later. */
const lock = statement<{ id: string }, [string]>(
  'select id from organization where id = $1 for no key update',
);

const update = statement<never, [string, string, number, string]>(`
  update organization set tier = $2, segment_integration_limit = $3, region = $4 where id = $1`);

/** Subusers are served where their parent is. */
const moveSubusers = statement<never, [string, string]>(
  'update organization set region = $2 where parent_id = $1 and region <> $2',
);

export class TenantStore {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** Newest first, those with a lower user id than the given one. */
  async list(before: number | undefined, limit: number): Promise<readonly OrganizationRecord[]> {
    return (await page(this.#db, before ?? null, limit)).map(toRecord);
  }

  async count(): Promise<number> {
    return (await count(this.#db))[0]?.count ?? 0;
  }

  async find(id: string): Promise<OrganizationRecord | undefined> {
    return (await find(this.#db, id)).map(toRecord)[0];
  }

  /** Inside a transaction: as `find`, and nobody else changes it until the end. */
  async lock(id: string): Promise<OrganizationRecord | undefined> {
    await lock(this.#db, id);
    return await this.find(id);
  }

  async update(id: string, { tier, segmentIntegrationLimit, region }: OrganizationLimits): Promise<void> {
    await update(this.#db, id, tier, segmentIntegrationLimit, region);
    await moveSubusers(this.#db, id, region);
  }
}

interface TenantRow {
  readonly id: string;
  readonly user_id: number;
  readonly username: string;
  readonly parent_id: string | null;
  readonly region: Region;
  readonly tier: Tier;
  readonly segment_integration_limit: number;
  readonly created_at: Date;
  readonly integrations: number;
  readonly api_keys: number;
}

function toRecord(row: TenantRow): OrganizationRecord {
  return {
    id: row.id,
    userId: row.user_id,
    username: row.username,
    parentId: row.parent_id,
    region: row.region,
    tier: row.tier,
    segmentIntegrationLimit: row.segment_integration_limit,
    integrations: row.integrations,
    apiKeys: row.api_keys,
    createdAt: row.created_at,
  };
}
