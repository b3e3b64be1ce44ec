/**
 * Sessions of people in a browser: begun with an API key or on the word of the identity provider. A session is not a
 * copy of what it was begun with: with every request the key behind it is looked up anew.
 */
import { AppError } from '../core/errors.ts';
import type { RoleCaller } from '../core/principal.ts';
import { parseRoleKey } from '../core/role-key.ts';
import { Secret } from '../core/secret.ts';
import { hashToken, sameHash } from '../core/sendgrid-key.ts';
import { isSessionToken, newSessionToken, type Session } from '../core/session.ts';
import type { SignedInUser } from '../identity/sign-in.ts';
import type { NewSession, SessionMembership, SessionRow } from '../storage/session-store.ts';
import type { Storage, Transaction } from '../storage/storage.ts';
import type { KeyUse } from './key-use.ts';

export interface SessionParts {
  readonly storage: Storage;
  readonly keyUse: KeyUse;
  readonly lifetimeMs: number;
  readonly now: () => Date;
}

export interface BegunSession {
  readonly token: Secret;
  readonly session: Session;
}

export interface SessionCall {
  readonly token: string;
  /** As the header names it. */
  readonly organizationId: string;
  readonly requestId: string;
}

/** A caller, and in whose name its requests are counted: a session is no way around the limit of its key. */
export interface SessionCaller {
  readonly caller: RoleCaller;
  readonly countedAs: string;
}

/** The session that a browser has when it signs in (again). It ends with that in any case. */
export interface PreviousSession {
  readonly token: string;
  /** Whether a page of ours has asked: only then the new session opens what this one does, too. */
  readonly isContinued: boolean;
}

export class SessionService {
  readonly #storage: Storage;
  readonly #keyUse: KeyUse;
  readonly #lifetimeMs: number;
  readonly #now: () => Date;

  constructor({ storage, keyUse, lifetimeMs, now }: SessionParts) {
    this.#storage = storage;
    this.#keyUse = keyUse;
    this.#lifetimeMs = lifetimeMs;
    this.#now = now;
  }

  /** Always with a new token. @throws AppError credentials_invalid */
  async beginWithKey(text: string, previous?: PreviousSession): Promise<BegunSession> {
    const parsed = parseRoleKey(text);
    const key = parsed && (await this.#storage.roleKeys.authenticate(parsed.lookup));
    if (key === undefined || !sameHash(key.secretHash, hashToken(text))) {
      throw new AppError({ code: 'credentials_invalid' });
    }
    this.#keyUse.note(key);
    const { id: apiKeyId, role, organization } = key;
    return await this.#begin(previous, async (stores, begun) => {
      const { id: organizationId } = organization;
      const others =
        previous?.isContinued &&
        (await stores.sessions.lockOthers(hashToken(previous.token), organizationId));
      // what is carried over does not live longer than it would have
      const expiresAt = others ? others.expiresAt : begun.expiresAt;
      await stores.sessions.create({ ...begun, signIn: 'api_key', user: undefined, expiresAt });
      if (others) await stores.sessions.carryOver(others.tokenHash, begun.tokenHash, organizationId);
      await stores.sessions.add(begun.tokenHash, [{ organizationId, role, apiKeyId }]);
    });
  }

  /** @throws AppError membership_missing */
  async beginAs({ id, name, memberships }: SignedInUser, previous?: PreviousSession): Promise<BegunSession> {
    return await this.#begin(previous, async (stores, begun) => {
      await stores.sessions.create({ ...begun, signIn: 'openid_connect', user: { id, name } });
      const organizations = [...memberships].map(([organizationId, role]) => ({
        organizationId,
        role,
        apiKeyId: null,
      }));
      if ((await stores.sessions.add(begun.tokenHash, organizations)) === 0) {
        throw new AppError({ code: 'membership_missing' });
      }
    });
  }

  /** @throws AppError session_expired */
  async find(token: string): Promise<Session> {
    const rows = isSessionToken(token) ? await this.#storage.sessions.find(hashToken(token)) : [];
    const [first] = rows;
    if (first === undefined) throw new AppError({ code: 'session_expired' });
    return toSession(first, rows);
  }

  /** From the commit on no process lets anybody in with it. */
  async end(token: string): Promise<void> {
    await this.#storage.sessions.remove(hashToken(token));
  }

  /** @throws AppError session_expired, organization_mismatch */
  async caller({ token, organizationId, requestId }: SessionCall): Promise<SessionCaller> {
    if (!isSessionToken(token)) throw new AppError({ code: 'session_expired' });
    const membership = await this.#storage.sessions.membership(hashToken(token), organizationId);
    if (membership === undefined) {
      // a session that opens nothing any more is over; one that opens something else is not
      await this.find(token);
      throw new AppError({ code: 'organization_mismatch' });
    }
    if (membership.key !== undefined) this.#keyUse.note(membership.key);
    return toCaller(membership, requestId);
  }

  /** Removes what has expired. Called now and then. */
  async forgetExpired(): Promise<void> {
    await this.#storage.sessions.removeExpired();
  }

  async #begin(
    previous: PreviousSession | undefined,
    fill: (stores: Transaction, begun: Pick<NewSession, 'tokenHash' | 'expiresAt'>) => Promise<void>,
  ): Promise<BegunSession> {
    const token = newSessionToken();
    const expiresAt = new Date(this.#now().getTime() + this.#lifetimeMs);
    await this.#storage.transaction(async (stores) => {
      await fill(stores, { tokenHash: hashToken(token), expiresAt });
      if (previous !== undefined) await stores.sessions.remove(hashToken(previous.token));
    });
    return { token: new Secret(token), session: await this.find(token) };
  }
}

function toCaller({ role, userId, key, organization }: SessionMembership, requestId: string): SessionCaller {
  const { id: organizationId } = organization;
  if (key !== undefined) {
    const actor = { type: 'api_key', id: key.id, organizationId } as const;
    return {
      caller: { requestId, role, userId: key.userId, organization, actor },
      countedAs: `key:${key.secretHash}`,
    };
  }
  if (userId === null) throw new Error('a session without a key has a user');
  const actor = { type: 'user', id: userId, organizationId } as const;
  return { caller: { requestId, role, userId, organization, actor }, countedAs: `user:${userId}` };
}

function toSession(first: SessionRow, rows: readonly SessionRow[]): Session {
  const newest = rows.reduce((one, other) => (other.added_at > one.added_at ? other : one));
  return {
    signIn: first.sign_in,
    expiresAt: first.expires_at,
    // with several keys, the one that was signed in with last speaks for the person
    user: {
      id: first.user_id ?? newest.key_user_id ?? '',
      name: first.user_id === null ? newest.key_name : first.user_name,
    },
    organizations: rows.map((row) => ({
      organizationId: row.organization_id,
      name: row.organization_name,
      role: row.role,
    })),
    lastOrganizationId: newest.organization_id,
  };
}
