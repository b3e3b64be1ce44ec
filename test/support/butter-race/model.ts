/**
 * What the surface promises of requests that come one after another, small enough to be seen to be right. Answers to
 * requests that overlap are held against it: see order.ts.
 */
export interface State {
  /** By id. */
  readonly integrations: ReadonlyMap<string, { readonly name: string; readonly version: number }>;
  /** By id. */
  readonly numbers: ReadonlyMap<string, { readonly phoneNumber: string; readonly integrationId: string }>;
}

export interface Remove {
  readonly kind: 'remove';
  readonly ids: readonly string[];
  /** By the bulk operation, even where it is one id. */
  readonly bulk: boolean;
  readonly replaceWith?: string | undefined;
  readonly ifVersion?: number | undefined;
}

export interface Update {
  readonly kind: 'update';
  readonly id: string;
  /** One that the integration never had. */
  readonly name: string;
  readonly newCredentials: boolean;
  readonly ifVersion?: number | undefined;
}

interface Import {
  readonly kind: 'import';
  readonly phoneNumber: string;
  readonly integrationId: string;
}

interface Reassign {
  readonly kind: 'reassign';
  readonly numberId: string;
  readonly integrationId: string;
}

interface RemoveNumber {
  readonly kind: 'remove number';
  readonly numberId: string;
}

export type Write = Remove | Update | Import | Reassign | RemoveNumber;

export interface Usage {
  readonly kind: 'usage';
  readonly id: string;
}
export type RaceRequest = Write | Usage;

/** Of an answer, what the rules decide. */
export interface Told {
  readonly status: number;
  readonly fact: unknown;
}

/** Of an audit entry, what the rules decide. */
export interface Entry {
  readonly target: string;
  readonly text: string;
}

export interface Step {
  readonly told: Told;
  readonly state: State;
  readonly entries: readonly Entry[];
}

/** One request, all by itself. `newId` is the id that a number gets where it is imported. */
export function play(state: State, request: Write, newId: string): Step {
  switch (request.kind) {
    case 'remove':
      return remove(state, request);
    case 'update':
      return update(state, request);
    case 'import':
      return importNumber(state, request, newId);
    case 'reassign':
      return reassign(state, request);
    case 'remove number':
      return removeNumber(state, request);
  }
}

/** The numbers that refer to an integration, sorted. */
export function numbersOf({ numbers }: State, integrationId: string): readonly string[] {
  const own = [...numbers.values()].filter((each) => each.integrationId === integrationId);
  return own.map(({ phoneNumber }) => phoneNumber).toSorted();
}

function remove(state: State, { ids, bulk, replaceWith, ifVersion }: Remove): Step {
  const missing = ids.filter((id) => !state.integrations.has(id));
  const doomed = ids.filter((id) => !missing.includes(id)).toSorted();
  const isOutdated = (id: string) => state.integrations.get(id)?.version !== ifVersion;
  if (ifVersion !== undefined && doomed.some(isOutdated)) return refuse(state, 412);
  const uses = doomed
    .map((id) => [id, 'in_use', numbersOf(state, id)] as const)
    .filter(([, , numbers]) => replaceWith === undefined && numbers.length > 0);
  const offenders = [...missing.map((id) => [id, 'not_found']), ...uses];
  if (missing.length > 0) return refuse(state, 404, bulk ? offenders : undefined);
  if (uses.length > 0) return refuse(state, 409, bulk ? offenders : sentence(uses[0]?.[2] ?? []));
  if (replaceWith !== undefined && !state.integrations.has(replaceWith)) {
    return refuse(state, 422, 'The replacement integration was not found');
  }
  const integrations = without(state.integrations, doomed);
  const moving = [...state.numbers].filter(([, { integrationId }]) => doomed.includes(integrationId));
  const numbers = new Map(state.numbers);
  const entries: Entry[] = [];
  for (const [id, number] of replaceWith === undefined ? [] : moving) {
    const to = replaceWith ?? '';
    numbers.set(id, { ...number, integrationId: to });
    entries.push({ target: id, text: `phone_number.reassigned ${number.integrationId} ${to}` });
  }
  for (const id of doomed) entries.push({ target: id, text: `integration.deleted ${replaceWith ?? ''}` });
  const fact = { deleted: doomed, ...(replaceWith !== undefined && { moved: moving.length }) };
  return { told: { status: 200, fact }, state: { integrations, numbers }, entries };
}

function update(state: State, { id, name, ifVersion, newCredentials }: Update): Step {
  const current = state.integrations.get(id);
  if (current === undefined) return refuse(state, 404);
  if (ifVersion !== undefined && ifVersion !== current.version) return refuse(state, 412);
  const version = current.version + 1;
  const integrations = new Map(state.integrations).set(id, { name, version });
  const entries = [{ target: id, text: `integration.updated ${name} ${newCredentials}` }];
  return { told: { status: 200, fact: { name, version } }, state: { ...state, integrations }, entries };
}

function importNumber(state: State, { phoneNumber, integrationId }: Import, newId: string): Step {
  if (!state.integrations.has(integrationId)) return refuse(state, 404);
  const taken = [...state.numbers.values()].some((each) => each.phoneNumber === phoneNumber);
  if (taken) return refuse(state, 409, 'Phone number already exists');
  const numbers = new Map(state.numbers).set(newId, { phoneNumber, integrationId });
  const entries = [{ target: newId, text: `phone_number.created ${integrationId}` }];
  return { told: { status: 201, fact: { integrationId } }, state: { ...state, numbers }, entries };
}

function reassign(state: State, { numberId, integrationId }: Reassign): Step {
  const number = state.numbers.get(numberId);
  if (number === undefined || !state.integrations.has(integrationId)) return refuse(state, 404);
  const told = { status: 200, fact: { integrationId } };
  if (number.integrationId === integrationId) return { told, state, entries: [] };
  const numbers = new Map(state.numbers).set(numberId, { ...number, integrationId });
  const text = `phone_number.reassigned ${number.integrationId} ${integrationId}`;
  return { told, state: { ...state, numbers }, entries: [{ target: numberId, text }] };
}

function removeNumber(state: State, { numberId }: RemoveNumber): Step {
  const number = state.numbers.get(numberId);
  if (number === undefined) return refuse(state, 404);
  const { integrationId } = number;
  const entries = [{ target: numberId, text: `phone_number.deleted ${integrationId}` }];
  const numbers = without(state.numbers, [numberId]);
  return { told: { status: 200, fact: { integrationId } }, state: { ...state, numbers }, entries };
}

function refuse(state: State, status: number, fact?: unknown): Step {
  return { told: { status, fact }, state, entries: [] };
}

function without<V>(map: ReadonlyMap<string, V>, keys: readonly string[]): ReadonlyMap<string, V> {
  return new Map([...map].filter(([key]) => !keys.includes(key)));
}

function sentence(numbers: readonly string[]): string {
  const list = numbers.map((each) => `'${each}'`).join(', ');
  return `Integration is still referenced by phone numbers: [${list}]. Remove or reassign them first.`;
}
