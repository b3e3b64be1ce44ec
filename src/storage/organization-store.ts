/** Organizations: tenants. A subuser is an organization with a parent. */
import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { Region, Tier } from '../core/principal.ts';
import type { Schema } from './schema.ts';
import { statement } from './statement.ts';

export interface NewOrganization {
  readonly id: string;
  readonly username: string;
  readonly email: string | null;
  readonly parentId: string | null;
  readonly region: Region;
  /** Without one, the database's default. */
  readonly tier?: Tier;
  readonly segmentIntegrationLimit: number;
  readonly dataKey: string;
}

export interface Subuser {
  readonly userId: number;
  readonly username: string;
  readonly email: string | null;
}

export interface SubuserQuery {
  readonly parentId: string;
  readonly username: string | undefined;
  readonly limit: number;
  readonly offset: number;
}

/**
 * Takes the organization's row so that whoever counts something of it and then adds to it does so alone.
 * `no key update`: rows that merely refer to the organization are not held up.
 */
const lock = statement<{ segment_integration_limit: number }, [string]>(
  'select segment_integration_limit from organization where id = $1 for no key update',
);

/** The end of an empty event log, beside the organization from its first moment on. */
const startLog = statement<never, [string]>('insert into event_head (organization_id) values ($1)');

export interface WrappedDataKey {
  readonly id: string;
  readonly userId: number;
  readonly dataKey: string;
}

/**
 * Compares before it sets: whoever else has replaced a data key meanwhile is not overwritten. Two rotations at once
 * take the rows in the same order.
 */
const replaceDataKeys = statement<{ id: string }, [readonly string[], readonly string[], readonly string[]]>(`
  with wanted as (
    select o.id, w.new_key
    from unnest($1::text[], $2::text[], $3::text[]) as w (id, old_key, new_key)
    join organization o on o.id = w.id and o.data_key = w.old_key
    order by o.id
    for no key update of o
  )
  update organization o set data_key = w.new_key from wanted w where o.id = w.id
  returning o.id`);

export interface DataKeyReplacement extends WrappedDataKey {
  readonly replacement: string;
}

export class OrganizationStore {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** @returns the numeric user id, or undefined where the parent already has a subuser of that name. */
  async create(organization: NewOrganization): Promise<number | undefined> {
    const row = await this.#db
      .insertInto('organization')
      .values({
        id: organization.id,
        username: organization.username,
        email: organization.email,
        parent_id: organization.parentId,
        region: organization.region,
        segment_integration_limit: organization.segmentIntegrationLimit,
        data_key: organization.dataKey,
        ...(organization.tier !== undefined && { tier: organization.tier }),
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning('user_id')
      .executeTakeFirst();
    if (row === undefined) return undefined;
    await startLog(this.#db, organization.id);
    return row.user_id;
  }

  /** Inside a transaction: holds the organization until it ends, against others that lock it. */
  async lock(id: string): Promise<{ readonly segmentIntegrationLimit: number }> {
    const [row] = await lock(this.#db, id);
    if (row === undefined) throw new Error(`organization ${id} is gone`);
    return { segmentIntegrationLimit: row.segment_integration_limit };
  }

  /** Inside a transaction: true for exactly one of several processes that start together on an empty database. */
  async isFirstStart(): Promise<boolean> {
    await sql`lock table organization in share row exclusive mode`.execute(this.#db);
    const any = await this.#db.selectFrom('organization').select('id').limit(1).executeTakeFirst();
    return any === undefined;
  }

  /** Some organization's data key, to find out early whether the master keys fit this database. */
  async anyDataKey(): Promise<{ readonly id: string; readonly dataKey: string } | undefined> {
    const row = await this.#db
      .selectFrom('organization')
      .select(['id', 'data_key'])
      .orderBy('user_id')
      .limit(1)
      .executeTakeFirst();
    return row && { id: row.id, dataKey: row.data_key };
  }

  /** Every organization's data key in slices, in the order in which they were created. */
  async dataKeys(afterUserId: number, limit: number): Promise<readonly WrappedDataKey[]> {
    const rows = await this.#db
      .selectFrom('organization')
      .select(['id', 'user_id', 'data_key'])
      .where('user_id', '>', afterUserId)
      .orderBy('user_id')
      .limit(limit)
      .execute();
    return rows.map((row) => ({ id: row.id, userId: row.user_id, dataKey: row.data_key }));
  }

  /** @returns how many were replaced: those that still were what they were read as. */
  async replaceDataKeys(replacements: readonly DataKeyReplacement[]): Promise<number> {
    const replaced = await replaceDataKeys(
      this.#db,
      replacements.map(({ id }) => id),
      replacements.map(({ dataKey }) => dataKey),
      replacements.map(({ replacement }) => replacement),
    );
    return replaced.length;
  }

  async listSubusers({ parentId, username, limit, offset }: SubuserQuery): Promise<readonly Subuser[]> {
    const rows = await this.#db
      .selectFrom('organization')
      .select(['user_id', 'username', 'email'])
      .where('parent_id', '=', parentId)
      .$if(username !== undefined, (query) => query.where('username', '=', username ?? ''))
      .orderBy('user_id')
      .limit(limit)
      .offset(offset)
      .execute();
    return rows.map((row) => ({ userId: row.user_id, username: row.username, email: row.email }));
  }
}
