/** Who is calling, for whom, and what they may do. */
import { AppError } from './errors.ts';
import { type Grant, grants, type Scope } from './scopes.ts';

/** The organization a request acts in. `dataKey` is its data key, wrapped by the master key. */
export interface ActingOrganization {
  readonly id: string;
  readonly userId: number;
  readonly region: Region;
  readonly parentId: string | null;
  readonly dataKey: string;
}

export type Region = 'global' | 'eu';

/** How a parent names the subuser it acts for. */
export type SubuserReference =
  | { readonly kind: 'username'; readonly username: string }
  | { readonly kind: 'account_id'; readonly userId: number };

/** A request's caller. `organization` differs from the key's own one when a parent acts for a subuser. */
export interface Caller {
  readonly requestId: string;
  readonly apiKeyId: string;
  readonly keyOrganizationId: string;
  readonly organization: ActingOrganization;
  readonly grant: Grant;
}

/** @throws AppError permission_denied when none of the scopes is granted. Asked before anything is looked up. */
export function requireScope(caller: Caller, ...anyOf: readonly Scope[]): void {
  if (!anyOf.some((scope) => grants(caller.grant, scope))) throw new AppError({ code: 'permission_denied' });
}
