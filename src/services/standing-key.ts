/** A key that makes a key must still stand when the new one is made: otherwise revoking it would not end its line. */
import { AppError } from '../core/errors.ts';
import type { Caller } from '../core/principal.ts';
import type { Transaction } from '../storage/storage.ts';

/** Holds the caller's key until the transaction ends. @throws AppError credentials_invalid */
export async function requireStandingKey(stores: Transaction, { actor }: Caller): Promise<void> {
  if (actor.type !== 'api_key') return;
  if (!(await stores.apiKeys.holdStanding(actor.id))) throw new AppError({ code: 'credentials_invalid' });
}
