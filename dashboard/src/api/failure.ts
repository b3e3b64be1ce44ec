/** An answer that says no, or no answer at all, in words for people. */
import { problemInWords } from '../words.ts';

export interface Offender {
  readonly integration_id: string;
  readonly reason: 'not_found' | 'in_use';
  readonly message: string;
  readonly phone_numbers?: readonly string[];
  readonly total_phone_numbers?: number;
}

interface InputProblem {
  readonly loc: readonly (string | number)[];
  readonly msg: string;
}

export class ApiError extends Error {
  readonly status: number;
  readonly requestId: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  /** What stands in the way of a bulk delete, one by one. */
  readonly offenders: readonly Offender[];
  /** What is wrong with the input: the name of the field, and why. */
  readonly problems: ReadonlyMap<string, string>;

  constructor(response: Response, body: unknown) {
    const detail = readDetail(body);
    super(detail.sentence ?? `The server answered ${response.status}`);
    this.name = 'ApiError';
    this.status = response.status;
    this.requestId = response.headers.get('x-request-id') ?? undefined;
    const retryAfter = Number(response.headers.get('retry-after'));
    this.retryAfterSeconds = retryAfter > 0 ? retryAfter : undefined;
    this.offenders = detail.offenders;
    this.problems = detail.problems;
  }
}

/** The server was not reached. */
export class UnreachableError extends Error {
  constructor(cause: unknown) {
    super('The server cannot be reached. It may be restarting, or the network is down.', { cause });
    this.name = 'UnreachableError';
  }
}

export function explain(error: unknown): {
  readonly reason: string;
  readonly requestId?: string | undefined;
} {
  if (error instanceof ApiError) return { reason: reasonOf(error), requestId: error.requestId };
  if (error instanceof UnreachableError) return { reason: error.message };
  return { reason: error instanceof Error ? error.message : String(error) };
}

function reasonOf(error: ApiError): string {
  switch (error.status) {
    case 401:
      return 'You are signed out. Sign in again to go on.';
    case 403:
      return `${error.message}. Ask an admin of the organization if you need it.`;
    case 412:
      return 'Somebody else changed it since you opened it. Load it again and repeat your change.';
    case 429:
      return 'Too many requests at once. Wait a second and try again.';
    case 500:
      return 'Something failed inside the server. Nothing was changed; give the request id to its operator.';
    case 503:
      return 'The server is busy or a part of it is down. Try again in a moment.';
    default:
      return error.message;
  }
}

/** Whether trying again by itself makes sense. */
export function isPassing(error: unknown): boolean {
  return (
    error instanceof UnreachableError ||
    (error instanceof ApiError && [429, 502, 503, 504].includes(error.status))
  );
}

function readDetail(body: unknown) {
  const { detail, message, errors }: Record<string, unknown> = Object(body);
  const list = (Array.isArray(detail) ? detail : []) as readonly InputProblem[];
  const problems = new Map(list.map(({ loc, msg }) => [String(loc.at(-1) ?? ''), msg]));
  const said = [...problems].map(([name, reason]) => problemInWords(titleOf(name), reason)).join('. ');
  const sentence = [detail, message].find((each) => typeof each === 'string');
  return {
    sentence: typeof sentence === 'string' ? sentence : said || undefined,
    problems,
    offenders: (Array.isArray(errors) ? errors : []).filter(isOffender),
  };
}

/** What a form may call a field that the API calls so. */
function titleOf(name: string): string {
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function isOffender(value: unknown): value is Offender {
  return typeof Object(value).integration_id === 'string';
}
