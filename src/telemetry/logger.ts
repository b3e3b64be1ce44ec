/** The log: one JSON object a line, on standard error. What people read goes to standard output. */
import { type DestinationStream, destination, type Logger, pino, stdSerializers } from 'pino';

export type { Logger } from 'pino';

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Fields that may hold a secret, wherever they stand. The first defence is that nobody logs them. */
const redacted = [
  'authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
  'x-csrf-token',
  'csrf_token',
  'write_key',
  'auth_token',
  'password',
  'api_key',
  'client_secret',
  'code_verifier',
  'id_token',
  'access_token',
];

const writtenAtOnceBytes = 8 * 1024;
const writtenEveryMs = 50;
/** Where nobody reads the log, what comes beyond this is dropped. */
const mostUnwrittenBytes = 4 * 1024 * 1024;

/** `stream` is standard error unless a test listens. */
export function createLogger(level: LogLevel, stream: DestinationStream = standardError()): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: redacted.flatMap((name) => [name, `*.${name}`, `*.*.${name}`].map(quote)),
        censor: '[secret]',
      },
      serializers: { err: describeError },
    },
    stream,
  );
}

/**
 * For lines that hold nothing but figures and ids, as often as requests leave: looking for secrets in them would cost
 * as much as all the rest of a small request.
 */
export function figuresOnly(logger: Logger): Logger {
  return logger.child({}, { redact: [] });
}

/** A write for each line would cost more than the request it tells of. When the process ends, unless it is killed, all is out. */
function standardError(): DestinationStream {
  const stream = destination({
    dest: 2,
    sync: false,
    minLength: writtenAtOnceBytes,
    periodicFlush: writtenEveryMs,
    maxLength: mostUnwrittenBytes,
  });
  process.once('exit', () => stream.flushSync());
  return stream;
}

/** Name, code, message, stack and causes. Database errors also carry row values; those are left out. */
function describeError(error: Error): unknown {
  const { type, message, stack } = stdSerializers.errWithCause(error);
  const code: unknown = Reflect.get(error, 'code');
  const cause = error.cause instanceof Error ? describeError(error.cause) : undefined;
  return { type, code, message, stack, cause };
}

function quote(path: string): string {
  return path
    .split('.')
    .map((part) => (part === '*' ? '*' : `["${part}"]`))
    .join('.')
    .replaceAll('.[', '[');
}
