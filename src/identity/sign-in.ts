/** Signing people in at the OpenID Connect issuer: authorization code with PKCE, state and nonce. */
import type { Role } from '../core/roles.ts';

/** Whom the issuer has vouched for. */
export interface SignedInUser {
  readonly id: string;
  readonly name: string | null;
  /** Roles by organization, as the issuer says it. */
  readonly memberships: ReadonlyMap<string, Role>;
}
