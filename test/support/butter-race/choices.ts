/** Random requests about a few integrations and numbers, chosen so that they get in each other's way. */
import type { Random } from '../random.ts';
import type { RaceRequest, Remove, State, Update } from './model.ts';

export interface Choice {
  readonly state: State;
  /** Numbers that there are or could be. */
  readonly phoneNumbers: readonly string[];
  readonly random: Random;
}

export function chooseRequests(choice: Choice): readonly RaceRequest[] {
  return Array.from({ length: 2 + choice.random.below(4) }, () => chooseRequest(choice));
}

function chooseRequest({ state, phoneNumbers, random }: Choice): RaceRequest {
  const ids = random.shuffled([...state.integrations.keys()]);
  const [id = '', integrationId = ''] = ids;
  const kind = random.below(100);
  if (kind < 44) return chooseRemoval(state, ids, random);
  if (kind < 56) return chooseUpdate(state, id, random);
  if (kind < 62) return { kind: 'usage', id };
  const number = state.numbers.size === 0 ? undefined : random.pick([...state.numbers.keys()]);
  if (kind < 78 || number === undefined) {
    return { kind: 'import', phoneNumber: random.pick(phoneNumbers), integrationId };
  }
  if (kind < 92) return { kind: 'reassign', numberId: number, integrationId };
  return { kind: 'remove number', numberId: number };
}

function chooseRemoval(state: State, ids: readonly string[], random: Random): Remove {
  const bulk = random.chance(0.4);
  const wanted = ids.slice(0, bulk ? 1 + random.below(ids.length - 1) : 1);
  const replaceWith = random.chance(0.35) ? ids[wanted.length] : undefined;
  const ifVersion = bulk || random.chance(0.8) ? undefined : versionOf(state, wanted[0], random);
  return { kind: 'remove', ids: wanted, bulk, replaceWith, ifVersion };
}

function chooseUpdate(state: State, id: string, random: Random): Update {
  const ifVersion = random.chance(0.5) ? versionOf(state, id, random) : undefined;
  const name = `name ${random.below(2 ** 32)}`;
  return { kind: 'update', id, name, newCredentials: random.chance(0.1), ifVersion };
}

/** The one that it has, or the one that it gets when somebody else comes first. */
function versionOf({ integrations }: State, id: string | undefined, random: Random): number {
  return (integrations.get(id ?? '')?.version ?? 0) + random.below(2);
}
