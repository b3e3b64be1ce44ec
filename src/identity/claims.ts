/** What claims of the issuer say: who somebody is, and with which role in which organizations. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { organizationIdForm, userIdForm } from '../core/ids.ts';
import { type Role, roles } from '../core/roles.ts';

/** `organizations` holds ids, or an object of id → role; `role` one role for all of them. */
export interface ClaimNames {
  readonly user: string;
  readonly organizations: string;
  readonly role: string;
}

export type Claims = Readonly<Record<string, unknown>>;

const roleForm = z.enum(roles);

/** Undefined: the claims name nobody. */
export function userIdOf(claims: Claims, names: ClaimNames, issuer: URL): string | undefined {
  const subject = claims[names.user];
  if (typeof subject !== 'string' || subject === '') return undefined;
  return userIdForm.test(subject) ? subject : derivedUserId(issuer, subject);
}

export function membershipsOf(claims: Claims, names: ClaimNames): ReadonlyMap<string, Role> {
  const claim = claims[names.organizations];
  const role = roleForm.safeParse(claims[names.role]).data;
  const memberships = new Map<string, Role>();
  const add = (id: unknown, given: Role | undefined) => {
    if (typeof id === 'string' && organizationIdForm.test(id) && given !== undefined)
      memberships.set(id, given);
  };
  if (typeof claim === 'string') add(claim, role);
  else if (Array.isArray(claim)) for (const id of claim) add(id, role);
  else if (typeof claim === 'object' && claim !== null) {
    for (const [id, given] of Object.entries(claim)) add(id, roleForm.safeParse(given).data);
  }
  return memberships;
}

export function withoutSlash(url: string): string {
  return url.replace(/\/$/, '');
}

/** Subjects are any text; what is shown as a user id has a form, so other subjects are hashed into it. */
function derivedUserId(issuer: URL, subject: string): string {
  return `user_${createHash('sha256')
    .update(`${withoutSlash(issuer.href)}\n${subject}`)
    .digest('hex')
    .slice(0, 32)}`;
}
