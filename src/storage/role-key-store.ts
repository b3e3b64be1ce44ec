/** Role keys of the Butter surface. Revoked ones stay listed. */
import type { Kysely } from 'kysely';
import type { ActingOrganization, Region, Tier } from '../core/principal.ts';
import type { RoleApiKey } from '../core/role-api-key.ts';
import type { Role } from '../core/roles.ts';
import type { Schema } from './schema.ts';
import { statement } from './statement.ts';

export interface AuthenticatedRoleKey {
  readonly id: string;
  readonly secretHash: string;
  readonly role: Role;
  readonly userId: string;
  readonly lastUsedAt: Date | null;
  readonly organization: ActingOrganization;
}

export const organizationColumns = `o.id as o_id, o.user_id as o_user_id, o.region as o_region, o.parent_id as o_parent_id,
    o.tier as o_tier, o.data_key as o_data_key`;

/** Revoked and expired keys are not found: to everybody they are as unknown ones. */
const authenticate = statement<KeyRow & OrganizationRow, [string]>(`
  select k.id, k.secret_hash, k.role, k.user_id, k.last_used_at, ${organizationColumns}
  from api_key k join organization o on o.id = k.organization_id
  where k.lookup = $1 and k.style = 'role' and k.revoked_at is null
    and (k.expires_at is null or k.expires_at > clock_timestamp())`);

const organization = statement<OrganizationRow, [string]>(
  `select ${organizationColumns} from organization o where o.id = $1`,
);

export interface NewRoleKey extends Omit<RoleApiKey, 'status' | 'createdAt' | 'lastUsedAt'> {
  readonly lookup: string;
  readonly secretHash: string;
}

export class RoleKeyStore {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  async authenticate(lookup: string): Promise<AuthenticatedRoleKey | undefined> {
    const [row] = await authenticate(this.#db, lookup);
    return (
      row && {
        id: row.id,
        secretHash: row.secret_hash,
        role: row.role,
        userId: row.user_id,
        lastUsedAt: row.last_used_at,
        organization: toOrganization(row),
      }
    );
  }

  /** For a caller whose identity somebody else vouches for. */
  async organization(id: string): Promise<ActingOrganization | undefined> {
    return (await organization(this.#db, id)).map(toOrganization)[0];
  }

  async create(key: NewRoleKey): Promise<RoleApiKey> {
    const row = await this.#db
      .insertInto('api_key')
      .values({
        id: key.id,
        organization_id: key.organizationId,
        style: 'role',
        lookup: key.lookup,
        secret_hash: key.secretHash,
        name: key.name,
        role: key.role,
        prefix: key.prefix,
        user_id: key.userId,
        expires_at: key.expiresAt,
        full_access: false,
        scopes: [],
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    return toRoleApiKey(row);
  }

  /** Newest first, revoked ones included. */
  async list(organizationId: string): Promise<readonly RoleApiKey[]> {
    const rows = await this.#select(organizationId)
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .execute();
    return rows.map(toRoleApiKey);
  }

  async find(organizationId: string, id: string): Promise<RoleApiKey | undefined> {
    const row = await this.#select(organizationId).where('id', '=', id).executeTakeFirst();
    return row && toRoleApiKey(row);
  }

  /** Inside a transaction: nobody else changes it until the transaction ends. */
  async lock(organizationId: string, id: string): Promise<RoleApiKey | undefined> {
    const row = await this.#select(organizationId).where('id', '=', id).forUpdate().executeTakeFirst();
    return row && toRoleApiKey(row);
  }

  /** From the commit on nobody gets in with it. A key that was revoked before keeps its time. */
  async revoke(organizationId: string, id: string, at: Date): Promise<void> {
    await this.#db
      .updateTable('api_key')
      .set((set) => ({ revoked_at: set.fn.coalesce('revoked_at', set.val(at)) }))
      .where('organization_id', '=', organizationId)
      .where('id', '=', id)
      .execute();
  }

  #select(organizationId: string) {
    return this.#db
      .selectFrom('api_key')
      .selectAll()
      .where('organization_id', '=', organizationId)
      .where('style', '=', 'role');
  }
}

interface KeyRow {
  readonly id: string;
  readonly secret_hash: string;
  readonly role: Role;
  readonly user_id: string;
  readonly last_used_at: Date | null;
}

export interface OrganizationRow {
  readonly o_id: string;
  readonly o_user_id: number;
  readonly o_region: Region;
  readonly o_parent_id: string | null;
  readonly o_tier: Tier;
  readonly o_data_key: string;
}

export function toOrganization(row: OrganizationRow): ActingOrganization {
  return {
    id: row.o_id,
    userId: row.o_user_id,
    region: row.o_region,
    parentId: row.o_parent_id,
    tier: row.o_tier,
    dataKey: row.o_data_key,
  };
}

interface RoleKeyRow {
  readonly id: string;
  readonly organization_id: string;
  readonly name: string;
  readonly role: Role | null;
  readonly prefix: string | null;
  readonly user_id: string | null;
  readonly revoked_at: Date | null;
  readonly created_at: Date;
  readonly last_used_at: Date | null;
  readonly expires_at: Date | null;
}

function toRoleApiKey(row: RoleKeyRow): RoleApiKey {
  if (row.role === null) throw new Error(`the key ${row.id} has no role`);
  return {
    id: row.id,
    organizationId: row.organization_id,
    name: row.name,
    role: row.role,
    prefix: row.prefix ?? '',
    userId: row.user_id ?? '',
    status: row.revoked_at === null ? 'active' : 'revoked',
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    expiresAt: row.expires_at,
  };
}
