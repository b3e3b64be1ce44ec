/**
 * One request to the outside and what came of it. Undici's own `request` makes a stream of every answer, which costs
 * more than all the rest of a small one; this takes the few bytes that are kept as they come.
 */
import { type Dispatcher, errors } from 'undici';

/** Nothing that is asked for is longer; what is longer is cut off unread. */
export const mostAnswerBytes = 64 * 1024;
/** What of an answer is kept for people. */
const keptAnswerCharacters = 500;

export type OutboundAnswer =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly headers: AnswerHeaders;
      /** The first characters of the body. */
      readonly text: string;
    }
  | { readonly kind: 'failed'; readonly reason: NoAnswer };

/** Why there was none. */
type NoAnswer =
  | 'connection refused'
  | 'connection reset'
  | 'connecting timed out'
  | 'host not found'
  | 'host unreachable'
  | 'no answer in time'
  | 'unreadable answer'
  | 'no trusted TLS'
  | 'no answer'
  | 'aborted';

const noAnswer = { kind: 'failed', reason: 'no answer' } as const;

type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>;

export class Exchange implements Dispatcher.DispatchHandler {
  readonly #result = Promise.withResolvers<OutboundAnswer>();
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #controller: Dispatcher.DispatchController | undefined;
  #head: { readonly status: number; readonly headers: AnswerHeaders } | undefined;
  #isOver = false;

  /** Never rejects: what goes wrong on the way is an answer too. */
  get answer(): Promise<OutboundAnswer> {
    return this.#result.promise;
  }

  /** Nobody wants it any more, whatever has come. */
  cancel(): void {
    this.#end({ kind: 'failed', reason: 'aborted' });
    this.#letGo();
  }

  /** It took too long. A status that has come by then counts. */
  expire(): void {
    this.#end(this.#answered() ?? { kind: 'failed', reason: 'no answer in time' });
    this.#letGo();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // it was still waiting for a connection when it ended
    if (this.#isOver) this.#letGo();
  }

  onResponseStart(_: unknown, status: number, headers: AnswerHeaders): void {
    if (status >= 200) this.#head = { status, headers };
  }

  onResponseData(_: unknown, chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes >= mostAnswerBytes) this.expire();
  }

  onResponseEnd(): void {
    this.#end(this.#answered() ?? noAnswer);
  }

  onResponseError(_: unknown, error: Error): void {
    // a body that breaks off changes nothing about the status
    this.#end(this.#answered() ?? { kind: 'failed', reason: reasonOf(error) });
  }

  #answered(): OutboundAnswer | undefined {
    if (this.#head === undefined) return undefined;
    const text = Buffer.concat(this.#chunks).toString('utf8');
    return {
      kind: 'answered',
      ...this.#head,
      text: text.slice(0, keptAnswerCharacters).replaceAll('\0', ''),
    };
  }

  #end(answer: OutboundAnswer): void {
    this.#isOver = true;
    this.#result.resolve(answer);
  }

  #letGo(): void {
    this.#controller?.abort(new Error('ended'));
  }
}

/** The kind of failure in few fixed words, not its message: that names addresses and changes with versions. */
function reasonOf(error: Error): NoAnswer {
  // some of these have no code
  if (error instanceof errors.HTTPParserError) return 'unreadable answer';
  const code = String(Reflect.get(error, 'code') ?? '');
  const [, words] = kinds.find(([form]) => form.test(code)) ?? [];
  return words ?? 'no answer';
}

/** By the code of Node, undici or OpenSSL. */
const kinds: readonly (readonly [RegExp, NoAnswer])[] = [
  [/^ECONNREFUSED$/, 'connection refused'],
  [/^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/, 'connection reset'],
  [/^(UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT)$/, 'connecting timed out'],
  [/^(ENOTFOUND|EAI_\w+)$/, 'host not found'],
  [/^E(HOST|NET)(UNREACH|DOWN)$/, 'host unreachable'],
  [/^UND_ERR_(HEADERS|BODY)_TIMEOUT$/, 'no answer in time'],
  [/^UND_ERR_(HEADERS_OVERFLOW|RES\w+)$/, 'unreadable answer'],
  [/CERT|^ERR_(TLS|SSL)_|^EPROTO$|^UNABLE_TO_/, 'no trusted TLS'],
];
