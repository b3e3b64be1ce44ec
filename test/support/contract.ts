/** Holds every answer of a test run against the OpenAPI file of its surface. */
import type { FastifyInstance } from 'fastify';
import { ContractFile, type Location } from './contract-file.ts';
import { observeAnswers, type SentAnswer } from './sent-answers.ts';

export interface ContractCheck {
  /** @throws Error that lists what did not fit. */
  assertNoViolations(): void;
}

const prefix = '/v3';
const file = new URL('../../contracts/sendgrid.yaml', import.meta.url);

/** The shared responses that answer what belongs to no operation, by status. */
const anyRequest = { 400: 'BadRequest', 414: 'UriTooLong', 429: 'RateLimited' } as const;
const outsideOperations: Readonly<Record<Outside, Readonly<Record<number, string>>>> = {
  unreadable: { 400: 'BadRequest', 408: 'RequestTimeout', 431: 'HeadersTooLarge' },
  preflight: { ...anyRequest, 204: 'Preflight' },
  undeclaredMethod: { ...anyRequest, 405: 'MethodNotAllowed' },
  // a body is read before it is known that nobody wants it
  undeclaredPath: {
    ...anyRequest,
    404: 'ResourceNotFound',
    413: 'PayloadTooLarge',
    415: 'UnsupportedMediaType',
  },
};

let loaded: ContractFile | undefined;

/** Read once per test process, and only by those that send something. */
export function sendGridContract(): ContractFile {
  loaded ??= new ContractFile(file);
  return loaded;
}

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
  const path = answer.request === undefined ? prefix : pathOf(answer.request.target);
  if (path !== prefix && !path.startsWith(`${prefix}/`)) return [];
  const contract = sendGridContract();
  const template = contract.templateOf(path);
  const { request, status } = answer;
  const operation = request === undefined ? 'unreadable request' : `${request.method} ${template ?? path}`;
  const problems = contract.check(declaredResponse(answer, template), answer);
  return problems.map((problem) => `${operation} ${status}: ${problem}`);
}

/** Where the answer's response would stand in the contract, whether it does or not. */
function declaredResponse({ request, status }: SentAnswer, template: string | undefined): Location {
  const shared = (outside: Outside) => ['components', 'responses', outsideOperations[outside][status] ?? ''];
  if (request === undefined) return shared('unreadable');
  if (request.method === 'OPTIONS') return shared('preflight');
  if (template === undefined) return shared('undeclaredPath');
  // HEAD is answered like GET, which the contract says once for all paths
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const isDeclared = sendGridContract().operations.get(template)?.includes(method) === true;
  if (!isDeclared) return shared('undeclaredMethod');
  return ['paths', template, method.toLowerCase(), 'responses', String(status)];
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

type Outside = 'unreadable' | 'preflight' | 'undeclaredMethod' | 'undeclaredPath';
