/** Where requests meet: sends them at once to two processes, and holds all that comes of it against the model. */
import { inspect } from 'node:util';
import { type Answer, call } from '../http.ts';
import type { Random } from '../random.ts';
import type { RaceDatabase } from './database.ts';
import { Latencies } from './latencies.ts';
import type { RaceRequest, State } from './model.ts';
import { type Ending, type Exchange, findOrder } from './order.ts';
import { type Client, newCredentials, type Server, Stock } from './stock.ts';
import { newIdOf, readAnswer, toWire } from './wire.ts';

/** Looking for orphans reads whole tables. */
const meetingsPerOrphanCheck = 50;
/** Who comes first varies by so many calls that do nothing: as a measure of time they fit the machine. */
const mostIdleCalls = 4;

interface Meeting {
  /** In the order of the requests. */
  readonly statuses: readonly number[];
  readonly state: State;
}

export class Arena {
  readonly latencies = new Latencies();
  /** How often each kind of answer was given, as `import 201`. */
  readonly tally = new Map<string, number>();
  readonly stock: Stock;
  readonly #client: Client;
  readonly #database: RaceDatabase;
  /** Integrations whose credentials were replaced, so that they are verified again. */
  readonly #renewed = new Set<string>();
  #requests = 0;
  #meetings = 0;
  #removed = 0;
  #numbers = 0;

  constructor(client: Client, database: RaceDatabase) {
    this.#client = client;
    this.#database = database;
    this.stock = new Stock(client, database);
  }

  /** What must be there, as far as answers tell. */
  get expectedTotals() {
    const removed = this.#removed;
    return {
      integrations: this.stock.made - removed,
      numbers: this.#numbers,
      deletions: removed,
      deleted: removed,
    };
  }

  /** Sends all nearly at once. @throws Error where no order of the requests explains what comes of them. */
  async meet(start: State, requests: readonly RaceRequest[], random: Random): Promise<Meeting> {
    const offset = random.below(2);
    const exchanges = await Promise.all(
      requests.map(async (request, index) => {
        const server = this.#client.servers[(index + offset) % 2 === 0 ? 0 : 1];
        const idleCalls = random.below(mostIdleCalls + 1);
        return await this.#exchange(request, server, idleCalls);
      }),
    );
    for (const exchange of exchanges) this.#count(exchange);
    const ending = await this.#endingOf(start, exchanges);
    if (findOrder(start, exchanges, ending) === undefined) {
      throw new Error(`no order explains this:\n${show({ start, exchanges, ending })}`);
    }
    if (++this.#meetings % meetingsPerOrphanCheck === 0) await this.#database.requireNoOrphans();
    return { statuses: exchanges.map(({ told }) => told.status), state: ending.state };
  }

  async #exchange(request: RaceRequest, server: Server, idleCalls: number): Promise<Exchange> {
    const requestId = `race-${++this.#requests}`;
    const { method, path, json, headers } = toWire(request, newCredentials);
    for (let i = 0; i < idleCalls; i++) await call(server, 'GET', '/healthz');
    const sentMs = performance.now();
    const answer = await call(server, method, path, {
      headers: { ...this.#client.headers, ...headers, 'x-request-id': requestId },
      json,
    });
    const answeredMs = performance.now();
    this.latencies.note(this.#kindOf(request), answeredMs - sentMs);
    return { request, requestId, told: read(request, answer), newId: newIdOf(answer), sentMs, answeredMs };
  }

  async #endingOf({ integrations, numbers }: State, exchanges: readonly Exchange[]): Promise<Ending> {
    const imports = exchanges.flatMap(({ request }) =>
      request.kind === 'import' ? [request.phoneNumber] : [],
    );
    return await this.#database.ending({
      integrationIds: [...integrations.keys()],
      phoneNumbers: [...[...numbers.values()].map(({ phoneNumber }) => phoneNumber), ...imports],
      numberIds: [...numbers.keys(), ...exchanges.map(({ newId }) => newId)],
      requestIds: exchanges.map(({ requestId }) => requestId),
    });
  }

  /** A removal may have to wait for a lease of the other process where credentials are new: that is not the race's. */
  #kindOf(request: RaceRequest): string {
    if (request.kind === 'update' && request.newCredentials) this.#renewed.add(request.id);
    const waits = request.kind === 'remove' && request.ids.some((id) => this.#renewed.has(id));
    return waits ? 'remove, new credentials' : request.kind;
  }

  #count({ request, told: { status } }: Exchange): void {
    const name = `${request.kind}${isReplacing(request) ? ' and replace' : ''} ${status}`;
    this.tally.set(name, (this.tally.get(name) ?? 0) + 1);
    if (request.kind === 'remove' && status === 200) this.#removed += request.ids.length;
    if (request.kind === 'import' && status === 201) this.#numbers++;
    if (request.kind === 'remove number' && status === 200) this.#numbers--;
  }
}

function read(request: RaceRequest, answer: Answer) {
  try {
    if (answer.status < 500) return readAnswer(request, answer);
  } catch (cause) {
    throw new Error(`unreadable: ${show({ request, status: answer.status, text: answer.text })}`, { cause });
  }
  throw new Error(`failed: ${show({ request, status: answer.status, text: answer.text })}`);
}

function isReplacing(request: RaceRequest): boolean {
  return request.kind === 'remove' && request.replaceWith !== undefined;
}

function show(value: unknown): string {
  return inspect(value, { depth: 9, breakLength: 140 });
}
