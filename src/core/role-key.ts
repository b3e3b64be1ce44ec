/**
 * Role keys: `bk_live_` + 56 of [A-Za-z0-9]. The first 16 of those are public (the key is looked up by them), the
 * other 40 are 238 bits of secret.
 */
import { randomText } from './ids.ts';

const keyForm = /^bk_live_([A-Za-z0-9]{16})[A-Za-z0-9]{40}$/;
const label = 'bk_live_';

export interface RoleKey {
  /** The public part. */
  readonly lookup: string;
  readonly token: string;
}

export function newRoleKey(): RoleKey {
  const random = randomText(56);
  return { lookup: random.slice(0, 16), token: label + random };
}

/** Undefined where the text does not have a role key's form. */
export function parseRoleKey(token: string): RoleKey | undefined {
  const lookup = keyForm.exec(token)?.[1];
  return lookup === undefined ? undefined : { lookup, token };
}

/** What lists show of a key, so that its holder recognizes it. */
export function prefixOf({ token }: RoleKey): string {
  return token.slice(0, label.length + 4);
}
