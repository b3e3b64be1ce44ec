/**
 * Sessions of people in a browser: begun with an API key or on the word of the identity provider. A session is not a
 * copy of what it was begun with: with every request the key behind it is looked up anew.
 */
import { AppError } from '../core/errors.ts';
import { newSessionId } from '../core/ids.ts';
import type { RoleCaller } from '../core/principal.ts';
import { parseRoleKey } from '../core/role-key.ts';
import { Secret } from '../core/secret.ts';
import { hashToken, sameHash } from '../core/sendgrid-key.ts';
import { isSessionToken, newSessionToken, type Session } from '../core/session.ts';
import type { SignedInUser } from '../identity/sign-in.ts';
import type { NewSession, SessionHolder, SessionMembership, SessionRow } from '../storage/session-store.ts';
import type { Storage, Transaction } from '../storage/storage.ts';
import type { KeyUse } from './key-use.ts';
import { noteEnded, noteSessions } from './session-trail.ts';

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

/** A sign-in, and the browser it comes from. */
export interface SignInRequest {
  readonly requestId: string;
  readonly previous: PreviousSession | undefined;
}

/** What was begun, and the organizations that were signed in to. */
interface Filled {
  readonly id: string;
  readonly opened: readonly string[];
  /** Whether it is the one that the browser had, under another token. */
  readonly goesOn: boolean;
}

/** A person has a few browsers; more than this with one key, or of one person, is a loop that signs in. */
const mostSessions = 20;

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
  async beginWithKey(text: string, request: SignInRequest): Promise<BegunSession> {
    const parsed = parseRoleKey(text);
    const key = parsed && (await this.#storage.roleKeys.authenticate(parsed.lookup));
    if (key === undefined || !sameHash(key.secretHash, hashToken(text))) {
      throw new AppError({ code: 'credentials_invalid' });
    }
    this.#keyUse.note(key);
    const { id: apiKeyId, role, organization } = key;
    const { previous } = request;
    return await this.#begin({ type: 'api_key', id: apiKeyId }, request, async (stores, begun) => {
      const { id: organizationId } = organization;
      const others =
        previous?.isContinued &&
        (await stores.sessions.lockOthers(hashToken(previous.token), organizationId));
      // what is carried over is the same session under another token, and does not live longer than it would have
      const { id, expiresAt } = others || begun;
      await stores.sessions.create({ ...begun, id, signIn: 'api_key', user: undefined, expiresAt });
      if (others) await stores.sessions.carryOver(others.tokenHash, begun.tokenHash, organizationId);
      await stores.sessions.add(begun.tokenHash, [{ organizationId, role, apiKeyId }]);
      return { id, opened: [organizationId], goesOn: Boolean(others) };
    });
  }

  /** @throws AppError membership_missing */
  async beginAs({ id, name, memberships }: SignedInUser, request: SignInRequest): Promise<BegunSession> {
    return await this.#begin({ type: 'user', id }, request, async (stores, begun) => {
      await stores.sessions.create({ ...begun, signIn: 'openid_connect', user: { id, name } });
      const organizations = [...memberships].map(([organizationId, role]) => ({
        organizationId,
        role,
        apiKeyId: null,
      }));
      const opened = await stores.sessions.add(begun.tokenHash, organizations);
      if (opened.length === 0) throw new AppError({ code: 'membership_missing' });
      return { id: begun.id, opened, goesOn: false };
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
  async end(token: string, requestId: string): Promise<void> {
    await this.#storage.transaction(async (stores) => {
      const ended = await stores.sessions.remove(hashToken(token));
      await noteEnded(stores, ended, { requestId, reason: 'signed_out' });
    });
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
    holder: SessionHolder,
    { requestId, previous }: SignInRequest,
    fill: (stores: Transaction, begun: Pick<NewSession, 'tokenHash' | 'id' | 'expiresAt'>) => Promise<Filled>,
  ): Promise<BegunSession> {
    const token = newSessionToken();
    const expiresAt = new Date(this.#now().getTime() + this.#lifetimeMs);
    await this.#storage.transaction(async (stores) => {
      await stores.sessions.hold(holder);
      const { id, opened, goesOn } = await fill(stores, {
        tokenHash: hashToken(token),
        id: newSessionId(),
        expiresAt,
      });
      if (previous !== undefined) {
        const replaced = await stores.sessions.remove(hashToken(previous.token));
        if (!goesOn) await noteEnded(stores, replaced, { requestId, reason: 'replaced' });
      }
      const tooMany = await stores.sessions.removeOldest(holder, mostSessions);
      await noteEnded(stores, tooMany, { requestId, reason: 'too_many' });
      const started = opened.map((organizationId) => ({ id, organizationId, holder }));
      await noteSessions(stores, started, { requestId, action: 'session.started', details: {} });
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
