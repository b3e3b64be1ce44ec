/** Who is calling, for whom, and what they may do. */
import type { Actor } from './audit.ts';
import { AppError } from './errors.ts';
import { allows, type Permission, type Role } from './roles.ts';
import { type Grant, grants, type Scope } from './scopes.ts';

/** The organization a request acts in. `dataKey` is its data key, wrapped by the master key. */
export interface ActingOrganization {
  readonly id: string;
  readonly userId: number;
  readonly region: Region;
  readonly parentId: string | null;
  readonly tier: Tier;
  readonly dataKey: string;
}

export type Region = 'global' | 'eu';

/** Decides the rate limit on the Butter surface. */
export type Tier = 'starter' | 'pro' | 'enterprise';

/** How a parent names the subuser it acts for. */
export type SubuserReference =
  | { readonly kind: 'username'; readonly username: string }
  | { readonly kind: 'account_id'; readonly userId: number };

/** A request's caller. `organization` differs from the actor's own one when a parent acts for a subuser. */
export interface Caller {
  readonly requestId: string;
  readonly actor: Actor;
  readonly organization: ActingOrganization;
}

/** A caller of the SendGrid surface. */
export interface ScopedCaller extends Caller {
  readonly grant: Grant;
}

/** A caller of the Butter surface. */
export interface RoleCaller extends Caller {
  readonly role: Role;
  /** The person behind the key or token. */
  readonly userId: string;
}

/** @throws AppError permission_denied when none of the scopes is granted. Asked before anything is looked up. */
export function requireScope(caller: ScopedCaller, ...anyOf: readonly Scope[]): void {
  if (!anyOf.some((scope) => grants(caller.grant, scope))) throw new AppError({ code: 'permission_denied' });
}

/** @throws AppError permission_missing. Asked before anything is looked up. */
export function requirePermission(caller: RoleCaller, permission: Permission): void {
  if (!allows(caller.role, permission)) throw new AppError({ code: 'permission_missing', permission });
}
