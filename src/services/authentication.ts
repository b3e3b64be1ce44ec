/** Turns an API key into a caller. Nothing is remembered between requests but when a key was last used. */
import { AppError } from '../core/errors.ts';
import type { Caller, Region, SubuserReference } from '../core/principal.ts';
import { hashToken, parseSendGridKey, sameHash } from '../core/sendgrid-key.ts';
import type { AuthenticatedKey } from '../storage/api-key-store.ts';
import type { Storage } from '../storage/storage.ts';

/** A key's last use is written at most this often: the exact second is worth no write per request. */
const lastUsedPrecisionMs = 60_000;

export interface SendGridAuthentication {
  readonly token: string;
  /** Whom the key's owner acts for, if for a subuser. */
  readonly onBehalfOf: SubuserReference | undefined;
  readonly requestId: string;
}

export class AuthenticationService {
  readonly #storage: Storage;
  readonly #region: Region;
  readonly #now: () => Date;
  readonly #lastUsed = new Map<string, Date>();

  constructor(storage: Storage, region: Region, now: () => Date) {
    this.#storage = storage;
    this.#region = region;
    this.#now = now;
  }

  /** @throws AppError credentials_invalid, subuser_unknown, wrong_region */
  async sendGridCaller({ token, onBehalfOf, requestId }: SendGridAuthentication): Promise<Caller> {
    const parsed = parseSendGridKey(token);
    if (parsed === undefined) throw new AppError({ code: 'credentials_invalid' });
    const key = await this.#storage.apiKeys.authenticate(parsed.id, onBehalfOf);
    if (key === undefined || !sameHash(key.secretHash, hashToken(token))) {
      throw new AppError({ code: 'credentials_invalid' });
    }
    this.#noteUse(key);
    const organization = onBehalfOf === undefined ? key.owner : key.subuser;
    if (organization === undefined) throw new AppError({ code: 'subuser_unknown' });
    if (organization.region !== this.#region) {
      throw new AppError({ code: 'wrong_region', region: organization.region });
    }
    return {
      requestId,
      apiKeyId: key.id,
      keyOrganizationId: key.owner.id,
      organization,
      grant: key.grant,
    };
  }

  /** Writes the uses noted since the last call. Called now and then, and before the process ends. */
  async flushLastUsed(): Promise<void> {
    if (this.#lastUsed.size === 0) return;
    const uses = new Map(this.#lastUsed);
    this.#lastUsed.clear();
    await this.#storage.apiKeys.touch(uses);
  }

  #noteUse(key: AuthenticatedKey): void {
    const now = this.#now();
    const age = key.lastUsedAt === null ? Infinity : now.getTime() - key.lastUsedAt.getTime();
    if (age >= lastUsedPrecisionMs) this.#lastUsed.set(key.id, now);
  }
}
