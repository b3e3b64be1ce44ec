/** Holds every answer of a test run against the OpenAPI file of its surface. */
import type { FastifyInstance } from 'fastify';
import { ContractFile, type Location } from './contract-file.ts';
import { observeAnswers, type SentAnswer } from './sent-answers.ts';

export interface ContractCheck {
  /** @throws Error that lists what did not fit. */
  assertNoViolations(): void;
}

/** What answers that belong to no operation may be: names of shared responses, by status. */
type OutsideOperations = Readonly<Record<Outside, Readonly<Record<number, string>>>>;
type Outside = 'unreadable' | 'preflight' | 'undeclaredMethod' | 'undeclaredPath';

const anyRequest = { 400: 'BadRequest', 414: 'UriTooLong', 429: 'RateLimited' } as const;
// a body is read before it is known that nobody wants it
const undeclaredPath = {
  ...anyRequest,
  404: 'ResourceNotFound',
  413: 'PayloadTooLarge',
  415: 'UnsupportedMediaType',
} as const;
const outsideOperations = {
  unreadable: { 400: 'BadRequest', 408: 'RequestTimeout', 431: 'HeadersTooLarge' },
  undeclaredMethod: { ...anyRequest, 405: 'MethodNotAllowed' },
  undeclaredPath,
} as const;

/** What a surface promises, as its file says it. */
class Contract {
  readonly prefix: string;
  readonly url: URL;
  readonly #outside: OutsideOperations;
  #file: ContractFile | undefined;

  constructor(prefix: string, name: string, preflight: OutsideOperations['preflight']) {
    this.prefix = prefix;
    this.url = new URL(`../../contracts/${name}`, import.meta.url);
    this.#outside = { ...outsideOperations, preflight };
  }

  /** Read once per test process, and only by those that send something. */
  get file(): ContractFile {
    this.#file ??= new ContractFile(this.url);
    return this.#file;
  }

  covers(path: string): boolean {
    return path === this.prefix || path.startsWith(`${this.prefix}/`);
  }

  violationsOf(answer: SentAnswer, path: string): readonly string[] {
    const template = this.file.templateOf(path);
    const { method, status } = answer;
    const what = method === undefined ? `unreadable request ${this.prefix}` : `${method} ${template ?? path}`;
    const problems = this.file.check(this.#declaredResponse(answer, template), answer);
    return problems.map((problem) => `${what} ${status}: ${problem}`);
  }

  /** Where the answer's response would stand in the contract, whether it does or not. */
  #declaredResponse({ method, status }: SentAnswer, template: string | undefined): Location {
    const shared = (outside: Outside) => ['components', 'responses', this.#outside[outside][status] ?? ''];
    if (method === undefined) return shared('unreadable');
    if (method === 'OPTIONS') return shared('preflight');
    if (template === undefined) return shared('undeclaredPath');
    // HEAD is answered like GET, which the contract says once for all paths
    const declared = method === 'HEAD' ? 'GET' : method;
    if (this.file.operations.get(template)?.includes(declared) !== true) return shared('undeclaredMethod');
    return ['paths', template, declared.toLowerCase(), 'responses', String(status)];
  }
}

export const sendGridContract = new Contract('/v3', 'sendgrid.yaml', { ...anyRequest, 204: 'Preflight' });
/** Not made for pages in browsers: OPTIONS is asked in vain. */
export const butterContract = new Contract('/api', 'butter.yaml', undeclaredPath);
/** For pages of this server alone. */
export const sessionContract = new Contract('/session', 'session.yaml', undeclaredPath);

/** Watches from now until the server closes. To be called before it listens. */
export function checkAnswers(server: FastifyInstance): ContractCheck {
  const violations = new Set<string>();
  const failures: unknown[] = [];
  observeAnswers(server.server, (answer) => {
    try {
      for (const violation of violationsOf(answer)) violations.add(violation);
    } catch (error) {
      // thrown here, it would end the server under test instead of telling that the contract cannot be used
      failures.push(error);
    }
  });
  return {
    assertNoViolations: () => {
      if (failures.length > 0) throw new Error('the contract cannot be used', { cause: failures[0] });
      if (violations.size === 0) return;
      throw new Error(`${violations.size} answers break the contract:\n${[...violations].join('\n')}`);
    },
  };
}

function violationsOf(answer: SentAnswer): readonly string[] {
  const path = pathOf(answer.target ?? '');
  const contract = [sendGridContract, butterContract, sessionContract].find((each) => each.covers(path));
  // an unreadable request for no surface is answered by the first one
  const judge = contract ?? (answer.method === undefined ? sendGridContract : undefined);
  return judge?.violationsOf(answer, path) ?? [];
}

/** The path as the router reads it: decoded, without host, query and one slash at the end. */
function pathOf(target: string): string {
  const path = (target.replace(/^https?:\/\/[^/]*/, '').split(/[?#]/)[0] ?? '').replace(/(?<=.)\/$/, '');
  try {
    return decodeURI(path);
  } catch {
    // what cannot be decoded is answered as an error; the contract still knows its path
    return path;
  }
}
