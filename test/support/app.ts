/** The whole app on a fresh database, listening on a free port, with every answer held against the contract. */
import { type App, createApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config/config.ts';
import { newOperatorKey } from '../../src/core/operator-key.ts';
import { newRoleKey } from '../../src/core/role-key.ts';
import { newSendGridKey } from '../../src/core/sendgrid-key.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { checkAnswers } from './contract.ts';
import { createDatabase, type DatabaseKind, type TestDatabase } from './database.ts';

export interface TestApp extends AsyncDisposable {
  readonly url: string;
  /** The first organization's key, of full access. */
  readonly key: string;
  /** The first organization's admin key for /api. */
  readonly roleKey: string;
  readonly operatorKey: string;
  readonly organizationId: string;
  /** The first organization's event source. */
  readonly eventSourceId: string;
  readonly database: TestDatabase;
  readonly app: App;
  /** Every line logged so far, at the finest level. */
  readonly logLines: readonly string[];
}

export async function startApp(
  kind: DatabaseKind,
  environment: Readonly<Record<string, string>> = {},
  /** None unless a test brings one: what is built on this machine must make no difference. */
  dashboardFolder = 'no-dashboard',
): Promise<TestApp> {
  const database = await createDatabase(kind);
  const key = newSendGridKey().token;
  const roleKey = newRoleKey().token;
  const operatorKey = newOperatorKey();
  const logLines: string[] = [];
  const app = await createApp({
    config: loadConfig({
      PORT: '0',
      JACKFIELD_LOG_LEVEL: 'trace',
      JACKFIELD_BOOTSTRAP_SENDGRID_KEY: key,
      JACKFIELD_BOOTSTRAP_API_KEY: roleKey,
      JACKFIELD_OPERATOR_KEY: operatorKey,
      // nobody listens there: no test reaches the real ones
      JACKFIELD_TWILIO_URL: 'http://127.0.0.1:9',
      JACKFIELD_SEGMENT_US_URL: 'http://127.0.0.1:9',
      JACKFIELD_SEGMENT_EU_URL: 'http://127.0.0.1:9',
      // one test's requests all come from one address with one key
      JACKFIELD_RATE_LIMIT_PER_SECOND: '1000000',
      ...database.environment,
      ...environment,
    }),
    logger: createLogger('trace', { write: (line: string) => void logLines.push(line) }),
    dashboardFolder,
    onFatal: (error) => {
      throw error;
    },
  });
  const contract = checkAnswers(app.server);
  const url = await app.listen();
  return {
    url,
    key,
    roleKey,
    operatorKey,
    organizationId: app.firstStart?.organizationId ?? '',
    eventSourceId: app.firstStart?.eventSourceId ?? '',
    database,
    app,
    logLines,
    [Symbol.asyncDispose]: async () => {
      await app.stop();
      await database[Symbol.asyncDispose]();
      contract.assertNoViolations();
    },
  };
}

/** An app for one organization on a database that outlives it, so that it can be started again on what it left. */
export async function startOn(
  database: TestDatabase,
  kind: DatabaseKind,
  { environment, ...client }: OwnOrganization & { readonly environment: Readonly<Record<string, string>> },
): Promise<
  { readonly app: TestApp; readonly client: OwnOrganization & { readonly url: string } } & AsyncDisposable
> {
  const app = await startApp(kind, {
    ...database.environment,
    ...environment,
    JACKFIELD_BOOTSTRAP_API_KEY: client.roleKey,
    JACKFIELD_BOOTSTRAP_ORGANIZATION_ID: client.organizationId,
    JACKFIELD_BOOTSTRAP_SOURCE_ID: client.eventSourceId,
  });
  const stop = async () => await app[Symbol.asyncDispose]();
  return { app, client: { ...client, url: app.url }, [Symbol.asyncDispose]: stop };
}

interface OwnOrganization {
  readonly roleKey: string;
  readonly organizationId: string;
  readonly eventSourceId: string;
}
