/** Turns a role key or an identity provider's token into a caller of the Butter surface. */
import { AppError } from '../core/errors.ts';
import type { RoleCaller } from '../core/principal.ts';
import { parseRoleKey } from '../core/role-key.ts';
import { hashToken, sameHash } from '../core/sendgrid-key.ts';
import type { TokenVerifier } from '../identity/token-verifier.ts';
import type { Storage } from '../storage/storage.ts';
import type { KeyUse } from './key-use.ts';

export interface RoleAuthentication {
  readonly credentials: { readonly kind: 'api_key' | 'token'; readonly text: string };
  /** As the header names it. */
  readonly organizationId: string;
  readonly requestId: string;
}

export class RoleAuthenticationService {
  readonly #storage: Storage;
  readonly #keyUse: KeyUse;
  readonly #tokens: TokenVerifier | undefined;

  constructor(storage: Storage, keyUse: KeyUse, tokens: TokenVerifier | undefined) {
    this.#storage = storage;
    this.#keyUse = keyUse;
    this.#tokens = tokens;
  }

  /** @throws AppError credentials_invalid, organization_mismatch, identity_provider_unavailable */
  async caller({ credentials, organizationId, requestId }: RoleAuthentication): Promise<RoleCaller> {
    return credentials.kind === 'api_key'
      ? await this.#byKey(credentials.text, organizationId, requestId)
      : await this.#byToken(credentials.text, organizationId, requestId);
  }

  async #byKey(token: string, organizationId: string, requestId: string): Promise<RoleCaller> {
    const parsed = parseRoleKey(token);
    const key = parsed && (await this.#storage.roleKeys.authenticate(parsed.lookup));
    if (key === undefined || !sameHash(key.secretHash, hashToken(token))) {
      throw new AppError({ code: 'credentials_invalid' });
    }
    const { id, role, userId, organization } = key;
    this.#keyUse.note(key);
    if (organization.id !== organizationId) throw new AppError({ code: 'organization_mismatch' });
    const actor = { type: 'api_key', id, organizationId: organization.id } as const;
    return { requestId, role, userId, organization, actor };
  }

  async #byToken(token: string, organizationId: string, requestId: string): Promise<RoleCaller> {
    if (this.#tokens === undefined) throw new AppError({ code: 'credentials_invalid' });
    const identity = await this.#tokens.verify(token);
    const role = identity.roleIn(organizationId);
    const organization = role && (await this.#storage.roleKeys.organization(organizationId));
    if (role === undefined || organization === undefined)
      throw new AppError({ code: 'organization_mismatch' });
    const { userId } = identity;
    const actor = { type: 'user', id: userId, organizationId } as const;
    return { requestId, role, userId, organization, actor };
  }
}
