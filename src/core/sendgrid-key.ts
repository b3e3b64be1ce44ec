/**
 * SendGrid-style API keys: `SG.` + 22 + `.` + 43 base64url characters. The middle part is public (the key's id);
 * the rest is 256 bits of randomness, so a plain SHA-256 is a safe thing to keep.
 */
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

const keyForm = /^SG\.([A-Za-z0-9_-]{22})\.[A-Za-z0-9_-]{43}$/;

/** The form of a key's public part. */
export const sendGridKeyIdForm = /^[A-Za-z0-9_-]{22}$/;

export interface SendGridKey {
  readonly id: string;
  readonly token: string;
}

export function newSendGridKey(): SendGridKey {
  const id = randomBytes(16).toString('base64url');
  return { id, token: `SG.${id}.${randomBytes(32).toString('base64url')}` };
}

/** The key's public id, or undefined where the text does not have a key's form. */
export function parseSendGridKey(token: string): SendGridKey | undefined {
  const id = keyForm.exec(token)?.[1];
  return id === undefined ? undefined : { id, token };
}

/** SHA-256 of the whole token in base64url: all that is ever stored of it. */
export function hashToken(token: string): string {
  return hash('sha256', token, 'base64url');
}

/** Compares two hashes without telling by its duration where they differ. */
export function sameHash(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
