/** The operator key: `jfop_` + 43 base64url characters, 256 bits of randomness, so a plain SHA-256 is safe to keep. */
import { randomBytes } from 'node:crypto';

const keyForm = /^jfop_[A-Za-z0-9_-]{43}$/;

export function newOperatorKey(): string {
  return `jfop_${randomBytes(32).toString('base64url')}`;
}

export function isOperatorKey(text: string): boolean {
  return keyForm.test(text);
}
