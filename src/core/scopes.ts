/** Scopes of SendGrid-style API keys, and the rule that nobody grants what they lack. */

export const knownScopes = [
  'api_keys.create',
  'api_keys.delete',
  'api_keys.read',
  'api_keys.update',
  'marketing.read',
  'marketing_campaigns.create',
  'marketing_campaigns.delete',
  'marketing_campaigns.read',
  'marketing_campaigns.update',
  'subusers.create',
  'subusers.read',
] as const;

export type Scope = (typeof knownScopes)[number];

export const scopeForm = /^[a-z0-9_.-]{1,100}$/;

/** Of one key. */
export const mostScopes = 1_000;

/** What a key may do: everything, or the listed scopes. A list may name scopes that Jackfield does not use. */
export type Grant =
  | { readonly kind: 'full' }
  | { readonly kind: 'scopes'; readonly scopes: readonly string[] };

export function grants(grant: Grant, scope: string): boolean {
  return grant.kind === 'full' || grant.scopes.includes(scope);
}

/** The scopes as a client sees them: a full grant is shown as every scope that exists here. */
export function listScopes(grant: Grant): readonly string[] {
  return grant.kind === 'full' ? knownScopes : grant.scopes;
}

/**
 * The grant a caller may hand to a key: its own when none is asked for, otherwise exactly what is asked for.
 * Undefined when something is asked for that the caller lacks.
 */
export function delegate(caller: Grant, wanted: readonly string[] | undefined): Grant | undefined {
  if (wanted === undefined) return caller;
  if (!wanted.every((scope) => grants(caller, scope))) return undefined;
  return { kind: 'scopes', scopes: [...new Set(wanted)] };
}
