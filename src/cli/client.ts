/** A running server, as a command speaks to it. */
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { CommandError, type ExitCode, exitCodes } from './exit-codes.ts';
import { type Row, reasonOfFetch } from './text.ts';

export interface ClientOptions {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface RequestOptions {
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly json?: unknown;
}

export interface Page {
  readonly data: readonly Row[];
  readonly pagination: {
    readonly next_cursor?: string | null | undefined;
    readonly total_count?: number | undefined;
  };
}

/** What a server said no to. */
export class ServerRefusal extends CommandError {
  readonly status: number;
  /** Of a bulk operation: every offender. */
  readonly offenders: readonly Row[];

  constructor(status: number, reason: string, { requestId, offenders }: Refused) {
    const facts = {
      status,
      reason,
      request_id: requestId,
      ...(offenders.length > 0 && { errors: offenders }),
    };
    super(exitCodeOf(status), `The server answered ${status}: ${reason} (request ${requestId})`, { facts });
    this.name = 'ServerRefusal';
    this.status = status;
    this.offenders = offenders;
  }
}

interface Refused {
  readonly requestId: string;
  readonly offenders: readonly Row[];
}

/** A server that limits us says when to come back; one that always does is not waited for for ever. */
const mostWaits = 20;

const row = z.record(z.string(), z.unknown());
const refusal = z.object({
  detail: z.union([z.string(), z.array(z.object({ loc: z.array(z.unknown()), msg: z.string() }))]),
  errors: z.array(row).optional(),
});
const one = z.looseObject({ data: row });
const page = z.looseObject({
  data: z.array(row),
  pagination: z.object({ next_cursor: z.string().nullish(), total_count: z.number().optional() }).default({}),
});

export class ServerClient {
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** The body's `data`. @throws ServerRefusal, CommandError unreachable */
  async one(method: string, path: string, options: RequestOptions = {}): Promise<Row> {
    return one.parse(await this.body(method, path, options)).data;
  }

  async page(path: string, query: RequestOptions['query']): Promise<Page> {
    return page.parse(await this.body('GET', path, query === undefined ? {} : { query }));
  }

  async body(method: string, path: string, options: RequestOptions = {}): Promise<unknown> {
    const response = await this.send(method, path, options);
    return await response.json();
  }

  /** The answer, still to be read. */
  async send(method: string, path: string, options: RequestOptions = {}): Promise<Response> {
    for (let waits = 0; ; waits++) {
      const response = await this.#attempt(method, path, options);
      if (response.ok) return response;
      // a limited request has not been carried out: repeating it does nothing twice
      if (response.status === 429 && waits < mostWaits) {
        await response.body?.cancel();
        const seconds = Number(response.headers.get('retry-after') ?? '1');
        await wait(Math.min(Math.max(seconds, 0.1), 30) * 1_000, undefined, { signal: this.#options.signal });
        continue;
      }
      throw await toRefusal(response);
    }
  }

  async #attempt(method: string, path: string, { query = {}, json }: RequestOptions): Promise<Response> {
    const { url: base, headers, signal } = this.#options;
    const url = new URL(base.pathname.replace(/\/$/, '') + path, base);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    try {
      return await fetch(url, {
        method,
        signal,
        headers: { ...headers, ...(json !== undefined && { 'content-type': 'application/json' }) },
        // a key goes to the server that was named and to no other
        redirect: 'error',
        ...(json !== undefined && { body: JSON.stringify(json) }),
      });
    } catch (error) {
      signal.throwIfAborted();
      const reason =
        error instanceof Error && error.cause instanceof Error ? reasonOfFetch(error.cause) : 'no answer';
      throw new CommandError(exitCodes.unreachable, `${base.origin} cannot be reached: ${reason}`, {
        cause: error,
      });
    }
  }
}

async function toRefusal(response: Response): Promise<ServerRefusal> {
  const requestId = response.headers.get('x-request-id') ?? 'without an id';
  const text = await response.text();
  const parsed = refusal.safeParse(parseJson(text));
  if (!parsed.success) {
    const reason = 'what answers there is not a Jackfield, or something in front of it';
    return new ServerRefusal(response.status, reason, { requestId, offenders: [] });
  }
  const { detail, errors } = parsed.data;
  const reason =
    typeof detail === 'string'
      ? detail
      : detail.map(({ loc, msg }) => `${loc.map(String).join('.')}: ${msg}`).join('; ');
  return new ServerRefusal(response.status, reason, { requestId, offenders: errors ?? [] });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function exitCodeOf(status: number): ExitCode {
  if (status === 401 || status === 403) return exitCodes.notAllowed;
  if (status === 404) return exitCodes.notFound;
  return status >= 500 ? exitCodes.failed : exitCodes.refused;
}
