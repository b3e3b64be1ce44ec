/**
 * Settings. All of them are read and checked together, and every problem is reported at once, by name and never by
 * value (several are secrets). docs/operations.md describes each.
 */
import { z } from 'zod';
import { eventSourceIdForm, organizationIdForm } from '../core/ids.ts';
import { isOperatorKey } from '../core/operator-key.ts';
import type { Region } from '../core/principal.ts';
import { parseRoleKey, type RoleKey } from '../core/role-key.ts';
import { Secret } from '../core/secret.ts';
import { mostBatchEvents } from '../core/segment.ts';
import { parseSendGridKey, type SendGridKey } from '../core/sendgrid-key.ts';
import type { SignInOptions } from '../identity/sign-in.ts';
import type { TokenVerifierOptions } from '../identity/token-verifier.ts';
import { type LogLevel, logLevels } from '../telemetry/logger.ts';
import { type Keyring, parseKeyring } from '../vault/keyring.ts';
import { clientSettings } from './client.ts';
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
  readonly twilioUrl: URL;
  readonly segmentUrls: { readonly US: URL; readonly EU: URL };
  readonly eventSignatureMaxAgeMs: number;
  readonly eventRetentionDays: number;
  readonly deliveryLeaseMs: number;
  readonly deliveryBatchEvents: number;
  /** Undefined: nobody comes with a token. */
  readonly oidc: TokenVerifierOptions | undefined;
  /** Undefined: people sign in with an API key only. */
  readonly signIn: SignInOptions | undefined;
  readonly sessionLifetimeMs: number;
  /** Where browsers find this server; undefined: under whatever name they ask. */
  readonly publicUrl: URL | undefined;
  /** Undefined: the one that the first start made. */
  readonly operatorKey: Secret | undefined;
  readonly bootstrap: {
    readonly organizationId: string | undefined;
    readonly sendGridKey: SendGridKey | undefined;
    readonly roleKey: RoleKey | undefined;
    readonly eventSourceId: string | undefined;
  };
}

export type DatabaseConfig =
  | { readonly kind: 'embedded'; readonly dataDir: string }
  | { readonly kind: 'postgres'; readonly url: Secret; readonly poolSize: number };

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
  JACKFIELD_TWILIO_URL: httpUrl().default(new URL('https://api.twilio.com')),
  JACKFIELD_SEGMENT_US_URL: httpUrl().default(new URL('https://api.segment.io')),
  JACKFIELD_SEGMENT_EU_URL: httpUrl().default(new URL('https://events.eu1.segmentapis.com')),
  // SendGrid repeats a post for 24 h, and nobody documents that it signs again
  JACKFIELD_EVENT_SIGNATURE_MAX_AGE_SECONDS: integer(1, 100_000_000).default(25 * 60 * 60),
  JACKFIELD_EVENT_RETENTION_DAYS: integer(1, 3_650).default(7),
  JACKFIELD_DELIVERY_LEASE_SECONDS: integer(1, 300).default(10),
  JACKFIELD_DELIVERY_BATCH_EVENTS: integer(1, mostBatchEvents).default(mostBatchEvents),
  JACKFIELD_BOOTSTRAP_SOURCE_ID: z
    .string()
    .regex(eventSourceIdForm, 'must be src_ followed by 32 lower-case hex digits')
    .optional(),
  JACKFIELD_OIDC_ISSUER: httpUrl().optional(),
  JACKFIELD_OIDC_AUDIENCE: z.string().optional(),
  JACKFIELD_OIDC_USER_CLAIM: z.string().default('sub'),
  JACKFIELD_OIDC_ORGANIZATIONS_CLAIM: z.string().default('organizations'),
  JACKFIELD_OIDC_ROLE_CLAIM: z.string().default('role'),
  JACKFIELD_OIDC_CLIENT_ID: z.string().optional(),
  JACKFIELD_OIDC_CLIENT_SECRET: z.string().optional(),
  JACKFIELD_PUBLIC_URL: httpUrl().optional(),
  JACKFIELD_SESSION_HOURS: integer(1, 8_760).default(12),
  JACKFIELD_OPERATOR_KEY: parsed(requireOperatorKey).optional(),
  JACKFIELD_BOOTSTRAP_API_KEY: parsed(requireRoleKey).optional(),
  JACKFIELD_BOOTSTRAP_ORGANIZATION_ID: z
    .string()
    .regex(organizationIdForm, 'must be org_ followed by 1 to 64 letters or digits')
    .optional(),
  JACKFIELD_BOOTSTRAP_SENDGRID_KEY: parsed(requireSendGridKey).optional(),
  // of the command line alone: a server that finds them in its environment takes no notice
  ...clientSettings.shape,
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
  if (
    (environment['JACKFIELD_OIDC_ISSUER'] === undefined) !==
    (environment['JACKFIELD_OIDC_AUDIENCE'] === undefined)
  ) {
    problems.push('JACKFIELD_OIDC_ISSUER and JACKFIELD_OIDC_AUDIENCE belong together: set both or neither');
  }
  problems.push(...signInProblems(environment));
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
    twilioUrl: values.JACKFIELD_TWILIO_URL,
    segmentUrls: { US: values.JACKFIELD_SEGMENT_US_URL, EU: values.JACKFIELD_SEGMENT_EU_URL },
    eventSignatureMaxAgeMs: values.JACKFIELD_EVENT_SIGNATURE_MAX_AGE_SECONDS * 1_000,
    eventRetentionDays: values.JACKFIELD_EVENT_RETENTION_DAYS,
    deliveryBatchEvents: values.JACKFIELD_DELIVERY_BATCH_EVENTS,
    deliveryLeaseMs: values.JACKFIELD_DELIVERY_LEASE_SECONDS * 1_000,
    oidc: oidcOf(values),
    signIn: signInOf(values),
    sessionLifetimeMs: values.JACKFIELD_SESSION_HOURS * 60 * 60 * 1_000,
    publicUrl: values.JACKFIELD_PUBLIC_URL,
    operatorKey: values.JACKFIELD_OPERATOR_KEY,
    bootstrap: {
      organizationId: values.JACKFIELD_BOOTSTRAP_ORGANIZATION_ID,
      sendGridKey: values.JACKFIELD_BOOTSTRAP_SENDGRID_KEY,
      roleKey: values.JACKFIELD_BOOTSTRAP_API_KEY,
      eventSourceId: values.JACKFIELD_BOOTSTRAP_SOURCE_ID,
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

function requireOperatorKey(text: string): Secret {
  if (isOperatorKey(text)) return new Secret(text);
  throw new Error('it must have the form jfop_ + 43 base64url characters');
}

function requireRoleKey(text: string): RoleKey {
  const key = parseRoleKey(text);
  if (key === undefined) throw new Error('it must have the form bk_live_ + 56 letters or digits');
  return key;
}

function httpUrl() {
  return z.custom<string>(isHttpUrl, 'must be an http:// or https:// URL').transform((text) => new URL(text));
}

function isHttpUrl(value: unknown): boolean {
  return typeof value === 'string' && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
}

function oidcOf(values: z.infer<typeof settings>): TokenVerifierOptions | undefined {
  const { JACKFIELD_OIDC_ISSUER: issuer, JACKFIELD_OIDC_AUDIENCE: audience } = values;
  if (issuer === undefined || audience === undefined) return undefined;
  return {
    issuer,
    audience,
    claims: {
      user: values.JACKFIELD_OIDC_USER_CLAIM,
      organizations: values.JACKFIELD_OIDC_ORGANIZATIONS_CLAIM,
      role: values.JACKFIELD_OIDC_ROLE_CLAIM,
    },
  };
}

function signInProblems(environment: Environment): readonly string[] {
  const isSet = (name: string) => environment[name] !== undefined;
  const needed: readonly (readonly [string, string])[] = [
    ['JACKFIELD_OIDC_CLIENT_ID', 'JACKFIELD_OIDC_ISSUER'],
    ['JACKFIELD_OIDC_CLIENT_ID', 'JACKFIELD_PUBLIC_URL'],
    ['JACKFIELD_OIDC_CLIENT_SECRET', 'JACKFIELD_OIDC_CLIENT_ID'],
  ];
  return needed.flatMap(([name, other]) =>
    isSet(name) && !isSet(other) ? [`${other} is required together with ${name}`] : [],
  );
}

function signInOf(values: z.infer<typeof settings>): SignInOptions | undefined {
  const { JACKFIELD_OIDC_CLIENT_ID: clientId, JACKFIELD_PUBLIC_URL: publicUrl } = values;
  const issuer = oidcOf(values);
  if (issuer === undefined || clientId === undefined || publicUrl === undefined) return undefined;
  const { JACKFIELD_OIDC_CLIENT_SECRET: secret } = values;
  return {
    ...issuer,
    clientId,
    clientSecret: secret === undefined ? undefined : new Secret(secret),
    redirectUrl: new URL('/session/openid-connect/callback', publicUrl),
  };
}

function isPostgresUrl(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  return URL.canParse(value) && ['postgres:', 'postgresql:'].includes(new URL(value).protocol);
}
