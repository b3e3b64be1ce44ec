/** People who sign in at the identity provider: out to it, and back with a session. */
import { AppError } from '../core/errors.ts';
import type { SignInProvider, SignInTransaction } from '../identity/sign-in.ts';
import type { BegunSession, SessionService, SignInRequest } from './sessions.ts';

export interface SignInReturn extends SignInRequest {
  /** With which the identity provider has sent the browser back, with its question mark. */
  readonly query: string;
  /** Undefined: this browser has begun nothing. */
  readonly transaction: SignInTransaction | undefined;
}

export class SignInService {
  readonly #sessions: SessionService;
  readonly #provider: SignInProvider | undefined;

  /** @param provider undefined: not set up. */
  constructor(sessions: SessionService, provider: SignInProvider | undefined) {
    this.#sessions = sessions;
    this.#provider = provider;
  }

  get isSetUp(): boolean {
    return this.#provider !== undefined;
  }

  /** @returns where to send the browser. @throws AppError sign_in_failed, identity_provider_unavailable */
  async begin(): Promise<{ readonly url: URL; readonly transaction: SignInTransaction }> {
    if (this.#provider === undefined) throw new AppError({ code: 'sign_in_failed' });
    return await this.#provider.begin();
  }

  /** @throws AppError sign_in_failed, membership_missing, identity_provider_unavailable */
  async complete({ query, transaction, ...request }: SignInReturn): Promise<BegunSession> {
    if (this.#provider === undefined || transaction === undefined) {
      throw new AppError({ code: 'sign_in_failed' });
    }
    return await this.#sessions.beginAs(await this.#provider.complete(query, transaction), request);
  }
}
