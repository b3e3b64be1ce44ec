/** An API key as everybody but its holder knows it. */
import type { Grant } from './scopes.ts';

export interface ApiKey {
  /** The public part of the key. */
  readonly id: string;
  readonly name: string;
  readonly grant: Grant;
}
