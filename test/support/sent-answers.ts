/**
 * Every answer that a server really sends, seen below the framework: neither an error outside the hooks nor an
 * answer that Node gives by itself goes unseen, whichever client asked.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

export interface SentAnswer {
  /** As sent; undefined where Node could not read the request. */
  readonly method: string | undefined;
  /** As sent; undefined where not even that could be read. */
  readonly target: string | undefined;
  readonly status: number;
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

type Observer = (answer: SentAnswer) => void;

/** Until the server closes. Nothing is reported of an answer that its client did not wait for. */
export function observeAnswers(server: Server, observe: Observer): void {
  const onStart = (message: unknown) => {
    // the form of this channel's messages is in Node's documentation, not in its types
    const start = message as { request: IncomingMessage; response: ServerResponse; server: Server };
    if (start.server === server) observeResponse(start.request, start.response, observe);
  };
  subscribe('http.server.request.start', onStart);
  server.once('close', () => unsubscribe('http.server.request.start', onStart));
  // a request that Node could not read has no response object: its answer is written to the socket
  server.prependListener('clientError', (error, socket) => {
    observeSocket(socket, targetOf(Reflect.get(error, 'rawPacket')), observe);
  });
}

function observeResponse(request: IncomingMessage, response: ServerResponse, observe: Observer): void {
  const chunks: Buffer[] = [];
  let late: readonly (readonly [string, string])[] = [];
  tap(response, 'write', ([chunk]) => chunks.push(...bytesOf(chunk)));
  tap(response, 'end', ([chunk]) => chunks.push(...bytesOf(chunk)));
  // headers given here are sent but not found by getHeaders() afterwards
  tap(response, 'writeHead', (given) => {
    late = headersOf(given.at(-1));
  });
  response.once('finish', () => {
    observe({
      method: request.method ?? '',
      target: request.url ?? '',
      status: response.statusCode,
      headers: new Map([...headersOf(response.getHeaders()), ...late]),
      body: Buffer.concat(chunks).toString('utf8'),
    });
  });
}

function observeSocket(socket: Duplex, target: string | undefined, observe: Observer): void {
  const note = ([chunk]: readonly unknown[]) => {
    const [head = '', ...rest] = Buffer.concat(bytesOf(chunk)).toString('utf8').split('\r\n\r\n');
    const [statusLine = '', ...lines] = head.split('\r\n');
    // the end without a word, or the rest of an earlier answer
    if (!statusLine.startsWith('HTTP/')) return;
    observe({
      method: undefined,
      target,
      status: Number(statusLine.split(' ')[1]),
      headers: new Map(lines.map((line) => [nameOf(line), line.slice(line.indexOf(':') + 1).trim()])),
      body: rest.join('\r\n\r\n'),
    });
  };
  tap(socket, 'write', note);
  tap(socket, 'end', note);
}

/** The target in a request line at the beginning of what Node was parsing when it gave up. */
function targetOf(packet: unknown): string | undefined {
  const [line = ''] = Buffer.concat(bytesOf(packet)).toString('latin1').split('\r\n');
  const [, target] = line.split(' ');
  return target?.startsWith('/') === true ? target : undefined;
}

/** Has every call of the method told to `note` before it is carried out. */
function tap<T extends object>(target: T, name: keyof T & string, note: (given: readonly unknown[]) => void) {
  const original: unknown = target[name];
  if (typeof original !== 'function') throw new Error(`${name} is no method`);
  Reflect.set(target, name, (...given: readonly unknown[]): unknown => {
    note(given);
    return Reflect.apply(original, target, given);
  });
}

function bytesOf(chunk: unknown): readonly Buffer[] {
  if (typeof chunk === 'string') return [Buffer.from(chunk)];
  return chunk instanceof Uint8Array ? [Buffer.from(chunk)] : [];
}

/** Headers in the forms that writeHead takes: an object, or names and values in turn. */
function headersOf(given: unknown): readonly (readonly [string, string])[] {
  if (typeof given !== 'object' || given === null) return [];
  if (!Array.isArray(given))
    return Object.entries(given).map(([name, value]) => [lower(name), String(value)]);
  const flat = given.map(String);
  return flat.flatMap((name, index) => (index % 2 === 0 ? [[lower(name), flat[index + 1] ?? '']] : []));
}

function nameOf(line: string): string {
  return lower(line.slice(0, line.indexOf(':')));
}

function lower(name: string): string {
  return name.toLowerCase();
}
