/** API keys. Of the secret there is only a hash; `authenticate` is the one statement every request begins with. */
import type { Kysely } from 'kysely';
import type { ApiKey, NewApiKey } from '../core/api-key.ts';
import type { ActingOrganization, Region, SubuserReference, Tier } from '../core/principal.ts';
import type { Grant } from '../core/scopes.ts';
import type { Schema } from './schema.ts';
import { statement } from './statement.ts';

export interface AuthenticatedKey {
  readonly id: string;
  readonly secretHash: string;
  readonly grant: Grant;
  readonly lastUsedAt: Date | null;
  readonly owner: ActingOrganization;
  /** The subuser that was asked for; undefined where the owner has none of that name. */
  readonly subuser: ActingOrganization | undefined;
}

interface AuthenticationRow extends OrganizationColumns<'o'>, Nullable<OrganizationColumns<'s'>> {
  readonly id: string;
  readonly secret_hash: string;
  readonly full_access: boolean;
  readonly scopes: readonly string[];
  readonly last_used_at: Date | null;
}
type OrganizationColumns<P extends string> = Record<`${P}_id` | `${P}_data_key`, string> &
  Record<`${P}_user_id`, number> &
  Record<`${P}_region`, Region> &
  Record<`${P}_tier`, Tier> &
  Record<`${P}_parent_id`, string | null>;
type Nullable<T> = { readonly [K in keyof T]: T[K] | null };

/**
 * Key, organization and subuser in one statement, read from the database on every request: a revoked key is
 * unknown to every process at once. The subuser is looked for below the key's own organization only.
 */
const authenticate = statement<AuthenticationRow, [string, string | null, number | null]>(`
  select k.id, k.secret_hash, k.full_access, k.scopes, k.last_used_at,
    o.id as o_id, o.user_id as o_user_id, o.region as o_region, o.parent_id as o_parent_id, o.data_key as o_data_key,
    o.tier as o_tier, s.tier as s_tier,
    s.id as s_id, s.user_id as s_user_id, s.region as s_region, s.parent_id as s_parent_id, s.data_key as s_data_key
  from api_key k
  join organization o on o.id = k.organization_id
  left join organization s on s.parent_id = o.id and (s.username = $2 or s.user_id = $3)
  where k.lookup = $1 and k.style = 'sendgrid'`);

/** Locks the keys in one order: two processes that write the uses of the same keys do not wait in a circle. */
const touch = statement<never, [readonly string[], readonly Date[]]>(`
  with used as (
    select k.id, u.at
    from api_key k join unnest($1::text[], $2::timestamptz[]) as u (id, at) on u.id = k.id
    where k.last_used_at is null or k.last_used_at < u.at
    order by k.id
    for update of k
  )
  update api_key set last_used_at = used.at from used where api_key.id = used.id`);

/** Waits for a revocation under way, and then does not find the key. */
const holdStanding = statement<{ readonly id: string }, [string]>(
  'select id from api_key where id = $1 and revoked_at is null for share',
);

export class ApiKeyStore {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  async authenticate(id: string, subuser?: SubuserReference): Promise<AuthenticatedKey | undefined> {
    const username = subuser?.kind === 'username' ? subuser.username : null;
    const userId = subuser?.kind === 'account_id' ? subuser.userId : null;
    const [row] = await authenticate(this.#db, id, username, userId);
    if (row === undefined) return undefined;
    return {
      id: row.id,
      secretHash: row.secret_hash,
      grant: toGrant(row),
      lastUsedAt: row.last_used_at,
      owner: {
        id: row.o_id,
        userId: row.o_user_id,
        region: row.o_region,
        parentId: row.o_parent_id,
        tier: row.o_tier,
        dataKey: row.o_data_key,
      },
      subuser: subuserOf(row),
    };
  }

  async create(organizationId: string, key: NewApiKey, secretHash: string): Promise<ApiKey> {
    const row = await this.#db
      .insertInto('api_key')
      .values({
        id: key.id,
        organization_id: organizationId,
        lookup: key.id,
        secret_hash: secretHash,
        name: key.name,
        ...fromGrant(key.grant),
      })
      .returning(columns)
      .executeTakeFirstOrThrow();
    return toApiKey(row);
  }

  /** Inside a transaction: whether the key, of either style, is not revoked, and stays so until the transaction ends. */
  async holdStanding(id: string): Promise<boolean> {
    return (await holdStanding(this.#db, id)).length > 0;
  }

  async count(organizationId: string): Promise<number> {
    const { count } = await this.#db
      .selectFrom('api_key')
      .select((select) => select.fn.countAll<number>().as('count'))
      .where('organization_id', '=', organizationId)
      .where('style', '=', 'sendgrid')
      .executeTakeFirstOrThrow();
    return count;
  }

  async list(organizationId: string): Promise<readonly ApiKey[]> {
    const rows = await this.#select(organizationId).orderBy('created_at').orderBy('id').execute();
    return rows.map(toApiKey);
  }

  async find(organizationId: string, id: string): Promise<ApiKey | undefined> {
    const row = await this.#select(organizationId).where('id', '=', id).executeTakeFirst();
    return row && toApiKey(row);
  }

  /** @returns the key as it is now, or undefined where there is none. */
  async update(
    organizationId: string,
    id: string,
    change: { readonly name: string; readonly grant?: Grant },
  ): Promise<ApiKey | undefined> {
    const row = await this.#db
      .updateTable('api_key')
      .set({ name: change.name, ...(change.grant && fromGrant(change.grant)) })
      .where('organization_id', '=', organizationId)
      .where('style', '=', 'sendgrid')
      .where('id', '=', id)
      .returning(columns)
      .executeTakeFirst();
    return row && toApiKey(row);
  }

  /** @returns whether there was such a key. */
  async delete(organizationId: string, id: string): Promise<boolean> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('api_key')
      .where('organization_id', '=', organizationId)
      .where('style', '=', 'sendgrid')
      .where('id', '=', id)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }

  /** Records when keys were last used; never moves a time back. */
  async touch(lastUsed: ReadonlyMap<string, Date>): Promise<void> {
    await touch(this.#db, [...lastUsed.keys()], [...lastUsed.values()]);
  }

  #select(organizationId: string) {
    return this.#db
      .selectFrom('api_key')
      .select(columns)
      .where('organization_id', '=', organizationId)
      .where('style', '=', 'sendgrid');
  }
}

const columns = ['id', 'name', 'full_access', 'scopes', 'created_at', 'last_used_at'] as const;

interface ApiKeyRow {
  readonly id: string;
  readonly name: string;
  readonly full_access: boolean;
  readonly scopes: readonly string[];
  readonly created_at: Date;
  readonly last_used_at: Date | null;
}

function toApiKey(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    grant: toGrant(row),
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
  };
}

function toGrant(row: Pick<ApiKeyRow, 'full_access' | 'scopes'>): Grant {
  return row.full_access ? { kind: 'full' } : { kind: 'scopes', scopes: row.scopes };
}

function fromGrant(grant: Grant): { full_access: boolean; scopes: string[] } {
  return grant.kind === 'full'
    ? { full_access: true, scopes: [] }
    : { full_access: false, scopes: [...grant.scopes] };
}

function subuserOf(row: AuthenticationRow): ActingOrganization | undefined {
  const { s_id: id, s_user_id: userId, s_region: region, s_tier: tier, s_data_key: dataKey } = row;
  if (id === null || userId === null || region === null || tier === null || dataKey === null)
    return undefined;
  return { id, userId, region, tier, dataKey, parentId: row.s_parent_id };
}
