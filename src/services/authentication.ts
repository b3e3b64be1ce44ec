/** Turns an API key into a caller. Nothing is remembered between requests. */
import { AppError } from '../core/errors.ts';
import type { Region, ScopedCaller, SubuserReference } from '../core/principal.ts';
import { hashToken, parseSendGridKey, sameHash } from '../core/sendgrid-key.ts';
import type { Storage } from '../storage/storage.ts';
import type { KeyUse } from './key-use.ts';

export interface SendGridAuthentication {
  readonly token: string;
  /** Whom the key's owner acts for, if for a subuser. */
  readonly onBehalfOf: SubuserReference | undefined;
  readonly requestId: string;
}

export class AuthenticationService {
  readonly #storage: Storage;
  readonly #region: Region;
  readonly #keyUse: KeyUse;

  constructor(storage: Storage, keyUse: KeyUse, region: Region) {
    this.#storage = storage;
    this.#region = region;
    this.#keyUse = keyUse;
  }

  /** @throws AppError credentials_invalid, subuser_unknown, wrong_region */
  async sendGridCaller({ token, onBehalfOf, requestId }: SendGridAuthentication): Promise<ScopedCaller> {
    const parsed = parseSendGridKey(token);
    if (parsed === undefined) throw new AppError({ code: 'credentials_invalid' });
    const key = await this.#storage.apiKeys.authenticate(parsed.id, onBehalfOf);
    if (key === undefined || !sameHash(key.secretHash, hashToken(token))) {
      throw new AppError({ code: 'credentials_invalid' });
    }
    this.#keyUse.note(key);
    const organization = onBehalfOf === undefined ? key.owner : key.subuser;
    if (organization === undefined) throw new AppError({ code: 'subuser_unknown' });
    if (organization.region !== this.#region) {
      throw new AppError({ code: 'wrong_region', region: organization.region });
    }
    return {
      requestId,
      actor: { type: 'api_key', id: key.id, organizationId: key.owner.id },
      organization,
      grant: key.grant,
    };
  }
}
