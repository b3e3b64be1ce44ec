/** A role key as everybody but its holder knows it (contract: butter, section 5). */
import type { Role } from './roles.ts';

export interface RoleApiKey {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  readonly role: Role;
  /** The beginning of the key, by which its holder recognizes it. */
  readonly prefix: string;
  /** Who made it. */
  readonly userId: string;
  readonly status: 'active' | 'revoked';
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  readonly expiresAt: Date | null;
}
