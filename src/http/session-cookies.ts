/**
 * The cookie of a session, and what a browser has to send beside it. A cookie comes along with requests that pages of
 * other sites make: so a request with one has to come from a page of our own, and to carry what only such a page knows.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../core/errors.ts';
import { isCsrfTokenOf, isSessionToken } from '../core/session.ts';
import type { BegunSession } from '../services/sessions.ts';

const names = { session: 'jackfield_session', signIn: 'jackfield_sign_in' } as const;

type CookieName = keyof typeof names;

export interface Cookie {
  readonly name: CookieName;
  readonly value: string;
  readonly sameSite: 'Strict' | 'Lax';
  readonly lifetimeSeconds: number;
}

export class SessionCookies {
  readonly #origin: string | undefined;
  readonly #isSecure: boolean;

  /** @param publicUrl where browsers find this server; undefined: under whatever name they ask. */
  constructor(publicUrl: URL | undefined) {
    this.#origin = publicUrl?.origin;
    this.#isSecure = publicUrl?.protocol === 'https:';
  }

  /** The session's token as the browser sent it. */
  sessionOf(request: FastifyRequest): string | undefined {
    const token = this.read(request, 'session');
    return token !== undefined && isSessionToken(token) ? token : undefined;
  }

  read(request: FastifyRequest, name: CookieName): string | undefined {
    const start = `${this.#nameOf(name)}=`;
    const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim());
    return pairs.find((pair) => pair.startsWith(start))?.slice(start.length);
  }

  set(reply: FastifyReply, { name, value, sameSite, lifetimeSeconds }: Cookie): void {
    // __Host- (RFC 6265bis, 4.1.3): no other host of the domain can set or read it
    const secure = this.#isSecure ? '; Secure' : '';
    reply.header(
      'set-cookie',
      `${this.#nameOf(name)}=${value}; Path=/; Max-Age=${lifetimeSeconds}; HttpOnly; SameSite=${sameSite}${secure}`,
    );
  }

  /** Hands a session to the browser: for this site only, and out of reach of scripts. */
  begin(reply: FastifyReply, { token, session }: BegunSession): void {
    const lifetimeSeconds = Math.max(0, Math.floor((session.expiresAt.getTime() - Date.now()) / 1_000));
    this.set(reply, { name: 'session', value: token.reveal(), sameSite: 'Strict', lifetimeSeconds });
  }

  clear(reply: FastifyReply, name: CookieName): void {
    this.set(reply, { name, value: '', sameSite: 'Strict', lifetimeSeconds: 0 });
  }

  /** @throws AppError cross_site_request */
  requireOwnPage(request: FastifyRequest): void {
    const site = request.headers['sec-fetch-site'];
    const { origin, host = '' } = request.headers;
    const isForeignSite = site !== undefined && site !== 'same-origin' && site !== 'none';
    if (isForeignSite || (origin !== undefined && !this.#isOwn(origin, host))) {
      throw new AppError({ code: 'cross_site_request' });
    }
  }

  /** @throws AppError csrf_token_invalid */
  requireCsrfToken(request: FastifyRequest, sessionToken: string): void {
    const header = request.headers['x-csrf-token'];
    if (typeof header !== 'string' || !isCsrfTokenOf(sessionToken, header)) {
      throw new AppError({ code: 'csrf_token_invalid' });
    }
  }

  #nameOf(name: CookieName): string {
    return (this.#isSecure ? '__Host-' : '') + names[name];
  }

  #isOwn(origin: string, host: string): boolean {
    if (this.#origin !== undefined) return origin === this.#origin;
    return URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
  }
}
