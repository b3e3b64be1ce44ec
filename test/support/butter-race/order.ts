/**
 * Whether requests that overlapped are as good as some order of them, one after another (linearizable): an order that
 * explains every answer, everything that is left, and the audit log, and in which nothing comes after what was sent
 * only when it had been answered.
 */
import { isDeepStrictEqual } from 'node:util';
import { type Entry, numbersOf, play, type RaceRequest, type State, type Told } from './model.ts';

export interface Exchange {
  readonly request: RaceRequest;
  readonly requestId: string;
  readonly told: Told;
  /** Of a number that was imported. */
  readonly newId: string;
  /** By one clock, as answeredMs. */
  readonly sentMs: number;
  readonly answeredMs: number;
}

/** What is found in the database when all is quiet. */
export interface Ending {
  readonly state: State;
  /** In the order of their ids. */
  readonly entries: readonly (Entry & { readonly requestId: string })[];
}

/** @returns undefined where no order explains it. */
export function findOrder(
  start: State,
  exchanges: readonly Exchange[],
  ending: Ending,
): readonly Exchange[] | undefined {
  const writes = exchanges.filter(({ request }) => request.kind !== 'usage');
  const reads = exchanges.filter(({ request }) => request.kind === 'usage');
  for (const line of linesFrom({ order: [], states: [start], entries: [] }, writes)) {
    const isEnd =
      isDeepStrictEqual(line.states.at(-1), ending.state) &&
      isDeepStrictEqual(byTarget(line.entries), byTarget(ending.entries));
    if (isEnd && reads.every((read) => isSeen(read, line.states))) return line.order;
  }
  return undefined;
}

interface Line {
  readonly order: readonly Exchange[];
  /** Before the first request, and after each. */
  readonly states: readonly State[];
  readonly entries: Ending['entries'];
}

/** Every order of the writes in which each is answered as it was. */
function* linesFrom(line: Line, left: readonly Exchange[]): Generator<Line> {
  if (left.length === 0) yield line;
  const state = line.states.at(-1);
  for (const exchange of left) {
    const { request, requestId, told, newId } = exchange;
    if (state === undefined || request.kind === 'usage') continue;
    if (left.some(({ answeredMs }) => answeredMs < exchange.sentMs)) continue;
    const step = play(state, request, newId);
    if (!isDeepStrictEqual(step.told, told)) continue;
    const entries = [...line.entries, ...step.entries.map((each) => ({ ...each, requestId }))];
    const next = { order: [...line.order, exchange], states: [...line.states, step.state], entries };
    yield* linesFrom(
      next,
      left.filter((each) => each !== exchange),
    );
  }
}

/** Entries of one target are written by whoever holds its row, so their ids are in order; between targets they are not. */
function byTarget(entries: Ending['entries']): Ending['entries'] {
  return entries.toSorted((a, b) => (a.target < b.target ? -1 : Number(a.target > b.target)));
}

/** Usage is three statements, each true when it ran: whether there is such an integration, a page, the total. */
function isSeen({ request, told }: Exchange, states: readonly State[]): boolean {
  if (request.kind !== 'usage') return false;
  if (told.status === 404) return states.some(({ integrations }) => !integrations.has(request.id));
  // as wire.ts has read it
  const { numbers, total } = told.fact as UsageFact;
  const known = states.findIndex(({ integrations }) => integrations.has(request.id));
  if (told.status !== 200 || known === -1) return false;
  const listed = states.findIndex(
    (state, at) => at >= known && isDeepStrictEqual(numbersOf(state, request.id), numbers),
  );
  return (
    listed !== -1 && states.some((state, at) => at >= listed && numbersOf(state, request.id).length === total)
  );
}

interface UsageFact {
  /** Sorted. */
  readonly numbers: readonly string[];
  readonly total: number;
}
