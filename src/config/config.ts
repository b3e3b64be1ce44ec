/**
 * Settings. All of them are read and checked together, and every problem is reported at once, by name and never by
 * value (several are secrets). docs/operations.md describes each.
 */
import { z } from 'zod';
import { organizationIdForm } from '../core/ids.ts';
import type { Region } from '../core/principal.ts';
import { Secret } from '../core/secret.ts';
import { parseSendGridKey, type SendGridKey } from '../core/sendgrid-key.ts';
import { type Keyring, parseKeyring } from '../vault/keyring.ts';
import type { Environment } from './env.ts';

export interface Config {
  readonly host: string;
  readonly port: number;
  readonly database: DatabaseConfig;
  /** Undefined: the key file in the data folder. */
  readonly masterKeys: Keyring | undefined;
  readonly region: Region;
  readonly logLevel: LogLevel;
  readonly rateLimitPerSecond: number;
  readonly segmentIntegrationLimit: number;
  readonly bootstrap: {
    readonly organizationId: string | undefined;
    readonly sendGridKey: SendGridKey | undefined;
  };
}

export type DatabaseConfig =
  | { readonly kind: 'embedded'; readonly dataDir: string }
  | { readonly kind: 'postgres'; readonly url: Secret; readonly poolSize: number };

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Every problem of the settings, one a line. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The settings are not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** PostgreSQL connections of one process. More than this only queue inside the database on small machines. */
const defaultPoolSize = 16;

const settings = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: integer(0, 65_535).default(8080),
  DATABASE_URL: z.custom<string>(isPostgresUrl, 'must be a postgres:// or postgresql:// URL').optional(),
  JACKFIELD_DATA_DIR: z.string().default('./data'),
  JACKFIELD_DATABASE_POOL_SIZE: integer(1, 1_000).default(defaultPoolSize),
  JACKFIELD_MASTER_KEYS: parsed(parseKeyring).optional(),
  JACKFIELD_REGION: z.enum(['global', 'eu'], 'must be global or eu').default('global'),
  JACKFIELD_LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(', ')}`).default('info'),
  JACKFIELD_RATE_LIMIT_PER_SECOND: integer(1, 1_000_000).default(1_000),
  JACKFIELD_SEGMENT_INTEGRATION_LIMIT: integer(0, 1_000_000).default(10),
  JACKFIELD_BOOTSTRAP_ORGANIZATION_ID: z
    .string()
    .regex(organizationIdForm, 'must be org_ followed by 1 to 64 letters or digits')
    .optional(),
  JACKFIELD_BOOTSTRAP_SENDGRID_KEY: parsed(requireSendGridKey).optional(),
});

/** @throws ConfigError that names every problem. */
export function loadConfig(environment: Environment): Config {
  const problems: string[] = unknownNames(environment);
  const result = settings.safeParse(environment);
  for (const issue of result.error?.issues ?? []) problems.push(`${issue.path.join('.')} ${issue.message}`);
  const values = result.data;
  if (environment['DATABASE_URL'] !== undefined && environment['JACKFIELD_MASTER_KEYS'] === undefined) {
    problems.push(
      'JACKFIELD_MASTER_KEYS is required together with DATABASE_URL (kid:base64 of 32 random bytes)',
    );
  }
  if (values === undefined || problems.length > 0) throw new ConfigError(problems);
  return {
    host: values.HOST,
    port: values.PORT,
    database:
      values.DATABASE_URL === undefined
        ? { kind: 'embedded', dataDir: values.JACKFIELD_DATA_DIR }
        : {
            kind: 'postgres',
            url: new Secret(values.DATABASE_URL),
            poolSize: values.JACKFIELD_DATABASE_POOL_SIZE,
          },
    masterKeys: values.JACKFIELD_MASTER_KEYS,
    region: values.JACKFIELD_REGION,
    logLevel: values.JACKFIELD_LOG_LEVEL,
    rateLimitPerSecond: values.JACKFIELD_RATE_LIMIT_PER_SECOND,
    segmentIntegrationLimit: values.JACKFIELD_SEGMENT_INTEGRATION_LIMIT,
    bootstrap: {
      organizationId: values.JACKFIELD_BOOTSTRAP_ORGANIZATION_ID,
      sendGridKey: values.JACKFIELD_BOOTSTRAP_SENDGRID_KEY,
    },
  };
}

/** The names of all settings, for the documentation's test. */
export const settingNames: readonly string[] = Object.keys(settings.shape);

function unknownNames(environment: Environment): string[] {
  return Object.keys(environment)
    .filter((name) => name.startsWith('JACKFIELD_') && !settingNames.includes(name))
    .map((name) => `${name} is not a setting of this version`);
}

function integer(least: number, most: number) {
  const message = `must be a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, message)
    .transform(Number)
    .refine((value) => value >= least && value <= most, message);
}

function parsed<T>(parse: (text: string) => T) {
  return z.string().transform((text, context) => {
    try {
      return parse(text);
    } catch (error) {
      context.addIssue(`is not usable: ${error instanceof Error ? error.message : 'wrong form'}`);
      return z.NEVER;
    }
  });
}

function requireSendGridKey(text: string): SendGridKey {
  const key = parseSendGridKey(text);
  if (key === undefined) throw new Error('it must have the form SG. + 22 + . + 43 base64url characters');
  return key;
}

function isPostgresUrl(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  return URL.canParse(value) && ['postgres:', 'postgresql:'].includes(new URL(value).protocol);
}
