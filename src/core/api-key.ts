/** A key of the SendGrid surface as everybody but its holder knows it. */
import type { Grant } from './scopes.ts';

export interface NewApiKey {
  /** The public part of the key. */
  readonly id: string;
  readonly name: string;
  readonly grant: Grant;
}

export interface ApiKey extends NewApiKey {
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
}
