/** Sessions of people in a browser: what their cookie carries, and what is known of whom it belongs to. */
import { createHmac, randomBytes } from 'node:crypto';
import type { Role } from './roles.ts';
import { sameHash } from './sendgrid-key.ts';

export type SignInKind = 'api_key' | 'openid_connect';

export interface SessionOrganization {
  readonly organizationId: string;
  readonly name: string | null;
  readonly role: Role;
}

export interface Session {
  readonly signIn: SignInKind;
  readonly expiresAt: Date;
  readonly user: { readonly id: string; readonly name: string | null };
  /** At least one, in the order of their ids. */
  readonly organizations: readonly SessionOrganization[];
  /** The one that was signed in to last. */
  readonly lastOrganizationId: string;
}

const tokenBytes = 32;
const tokenForm = /^[A-Za-z0-9_-]{43}$/;

export function newSessionToken(): string {
  return randomBytes(tokenBytes).toString('base64url');
}

export function isSessionToken(text: string): boolean {
  return tokenForm.test(text);
}

/**
 * What a page of our own has to send beside the cookie. It follows from the session's token, so that no other session's
 * fits, and it does not lead back to it.
 */
export function csrfTokenOf(sessionToken: string): string {
  return createHmac('sha256', sessionToken).update('csrf token').digest('base64url');
}

export function isCsrfTokenOf(sessionToken: string, text: string): boolean {
  return sameHash(csrfTokenOf(sessionToken), text);
}
