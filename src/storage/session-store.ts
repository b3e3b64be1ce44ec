/** Sessions. Whether one still opens anything is decided by the keys behind it, in the statement that looks for it. */
import type { Kysely } from 'kysely';
import type { ActingOrganization } from '../core/principal.ts';
import type { Role } from '../core/roles.ts';
import type { SignInKind } from '../core/session.ts';
import { type OrganizationRow, organizationColumns, toOrganization } from './role-key-store.ts';
import type { Schema } from './schema.ts';
import { statement } from './statement.ts';

export interface NewSession {
  readonly tokenHash: string;
  /** What the audit log calls it. */
  readonly id: string;
  readonly signIn: SignInKind;
  readonly user: { readonly id: string; readonly name: string | null } | undefined;
  readonly expiresAt: Date;
}

/** An organization that a session opens, by a key or by the word of the identity provider. */
export interface NewSessionOrganization {
  readonly organizationId: string;
  readonly role: Role;
  readonly apiKeyId: string | null;
}

/** Whose a session is: everybody's with one key, or one person's. */
export interface SessionHolder {
  readonly type: 'api_key' | 'user';
  readonly id: string;
}

/** A session in one of its organizations, and whose it is. */
export interface SessionInOrganization {
  readonly id: string;
  readonly organizationId: string;
  readonly holder: SessionHolder;
}

/** What a session is in one organization. */
export interface SessionMembership {
  readonly role: Role;
  /** The person, where no key stands behind the session. */
  readonly userId: string | null;
  readonly key: SessionKey | undefined;
  readonly organization: ActingOrganization;
}

export interface SessionKey {
  readonly id: string;
  readonly userId: string;
  readonly secretHash: string;
  readonly lastUsedAt: Date | null;
}

interface MembershipRow extends OrganizationRow {
  readonly role: Role;
  readonly user_id: string | null;
  readonly key_id: string | null;
  readonly key_user_id: string;
  readonly key_secret_hash: string;
  readonly key_last_used_at: Date | null;
}

export interface SessionRow {
  readonly sign_in: SignInKind;
  readonly expires_at: Date;
  readonly user_id: string | null;
  readonly user_name: string | null;
  readonly organization_id: string;
  readonly organization_name: string | null;
  readonly role: Role;
  readonly key_user_id: string | null;
  readonly key_name: string | null;
  readonly added_at: Date;
}

/** What a session still opens: a key behind it has to stand, and to have the role that it was signed in with. */
const live = `s.expires_at > clock_timestamp() and (m.api_key_id is null
    or (k.revoked_at is null and (k.expires_at is null or k.expires_at > clock_timestamp()) and k.role = m.role))`;
const tables = `session s join session_organization m on m.token_hash = s.token_hash
  join organization o on o.id = m.organization_id left join api_key k on k.id = m.api_key_id`;

const membership = statement<MembershipRow, [string, string]>(`
  select m.role, s.user_id, k.id as key_id, k.user_id as key_user_id, k.secret_hash as key_secret_hash,
    k.last_used_at as key_last_used_at, ${organizationColumns}
  from ${tables} where s.token_hash = $1 and m.organization_id = $2 and ${live}`);

const find = statement<SessionRow, [string]>(`
  select s.sign_in, s.expires_at, s.user_id, s.user_name, m.organization_id, m.role, m.added_at,
    nullif(o.username, o.id) as organization_name, k.user_id as key_user_id, k.name as key_name
  from ${tables} where s.token_hash = $1 and ${live} order by m.organization_id`);

/** Waits for another request that ends the session, and then finds nothing. */
const lockOthers = statement<{ id: string; expires_at: Date }, [string, string]>(`
  select id, expires_at from session s
  where token_hash = $1 and sign_in = 'api_key' and expires_at > clock_timestamp()
    and exists (select from session_organization m where m.token_hash = s.token_hash and m.organization_id <> $2)
  for update`);

const carryOver = statement<never, [string, string, string]>(`
  insert into session_organization (token_hash, organization_id, role, api_key_id, added_at)
  select $2, organization_id, role, api_key_id, added_at from session_organization
  where token_hash = $1 and organization_id <> $3`);

/** Organizations that are not there are passed over: the identity provider may know more of them than this server. */
const add = statement<{ organization_id: string }, [string, string[], string[], (string | null)[]]>(`
  insert into session_organization (token_hash, organization_id, role, api_key_id)
  select $1, o.id, w.role, w.api_key_id
  from unnest($2::text[], $3::text[], $4::text[]) as w (id, role, api_key_id) join organization o on o.id = w.id
  returning organization_id`);

/** Of those that were not over, with what they opened. */
const removeWhere = (condition: string) => `
  with gone as (
    delete from session where expires_at > clock_timestamp() and ${condition} returning token_hash, id, user_id
  )
  select g.id, g.user_id, m.organization_id, m.api_key_id
  from gone g join session_organization m using (token_hash) order by g.id, m.organization_id`;
const remove = statement<EndedRow, [string]>(removeWhere('token_hash = $1'));

/** Until the transaction ends nobody else begins a session of this holder. */
const hold = statement<never, [string, string]>(
  "select pg_advisory_xact_lock(hashtextextended($1 || ':' || $2, 7242004))",
);
const newestFirst = 's.expires_at > clock_timestamp() order by s.created_at desc, s.token_hash offset $2';
const removeOldest = {
  api_key: statement<EndedRow, [string, number]>(
    removeWhere(`token_hash in (
      select s.token_hash from session_organization m join session s using (token_hash)
      where m.api_key_id = $1 and ${newestFirst}
    )`),
  ),
  user: statement<EndedRow, [string, number]>(
    removeWhere(`token_hash in (select s.token_hash from session s where s.user_id = $1 and ${newestFirst})`),
  ),
} as const;

const removeExpired = statement<never, []>('delete from session where expires_at <= clock_timestamp()');

export class SessionStore {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** What the session is in this organization; undefined where it is nothing there. */
  async membership(tokenHash: string, organizationId: string): Promise<SessionMembership | undefined> {
    const [row] = await membership(this.#db, tokenHash, organizationId);
    if (row === undefined) return undefined;
    const key = row.key_id === null ? undefined : toKey(row, row.key_id);
    return { role: row.role, userId: row.user_id, key, organization: toOrganization(row) };
  }

  /** One row for each organization that the session still opens; none: it is over. */
  async find(tokenHash: string): Promise<readonly SessionRow[]> {
    return await find(this.#db, tokenHash);
  }

  /** Inside a transaction: holds a session of keys that opens more than the one organization; undefined: there is none. */
  async lockOthers(tokenHash: string, but: string) {
    const [row] = await lockOthers(this.#db, tokenHash, but);
    return row && { tokenHash, id: row.id, expiresAt: row.expires_at };
  }

  async create({ tokenHash, id, signIn, user, expiresAt }: NewSession): Promise<void> {
    await this.#db
      .insertInto('session')
      .values({
        token_hash: tokenHash,
        id,
        sign_in: signIn,
        user_id: user?.id ?? null,
        user_name: user?.name ?? null,
        expires_at: expiresAt,
      })
      .execute();
  }

  /** @returns the ids of those that exist. */
  async add(tokenHash: string, organizations: readonly NewSessionOrganization[]): Promise<readonly string[]> {
    const ids = organizations.map((each) => each.organizationId);
    const roles = organizations.map((each) => each.role);
    const keys = organizations.map((each) => each.apiKeyId);
    return (await add(this.#db, tokenHash, ids, roles, keys)).map((row) => row.organization_id);
  }

  /** Gives a session what another one opens, all but the one organization. */
  async carryOver(fromHash: string, toHash: string, but: string): Promise<void> {
    await carryOver(this.#db, fromHash, toHash, but);
  }

  /** @returns what it was, unless it was over. */
  async remove(tokenHash: string): Promise<readonly SessionInOrganization[]> {
    return (await remove(this.#db, tokenHash)).map(toEnded);
  }

  /** Inside a transaction: until it ends nobody else begins a session of this holder. */
  async hold({ type, id }: SessionHolder): Promise<void> {
    await hold(this.#db, type, id);
  }

  /** Ends the oldest sessions of a holder, so that no more than so many are left. @returns what they were. */
  async removeOldest({ type, id }: SessionHolder, most: number): Promise<readonly SessionInOrganization[]> {
    return (await removeOldest[type](this.#db, id, most)).map(toEnded);
  }

  async removeExpired(): Promise<void> {
    await removeExpired(this.#db);
  }
}

function toKey(row: MembershipRow, id: string): SessionKey {
  return {
    id,
    userId: row.key_user_id,
    secretHash: row.key_secret_hash,
    lastUsedAt: row.key_last_used_at,
  };
}

interface EndedRow {
  readonly id: string;
  readonly user_id: string | null;
  readonly organization_id: string;
  readonly api_key_id: string | null;
}

function toEnded(row: EndedRow): SessionInOrganization {
  const holder =
    row.api_key_id === null
      ? ({ type: 'user', id: row.user_id ?? '' } as const)
      : ({ type: 'api_key', id: row.api_key_id } as const);
  return { id: row.id, organizationId: row.organization_id, holder };
}
