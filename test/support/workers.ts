/** Jackfield processes that forward to a sink, on one database; on an embedded one only one at a time. */
import { newRoleKey } from '../../src/core/role-key.ts';
import { newSendGridKey } from '../../src/core/sendgrid-key.ts';
import type { ButterClient } from './butter.ts';
import { createDatabase, type DatabaseKind, type TestDatabase } from './database.ts';
import { sourceId } from './forwarding.ts';
import { HostileSink } from './hostile-sink.ts';
import { startProcess, type TestProcess } from './process.ts';

const organizationId = 'org_forwarding';

export interface Worker extends ButterClient {
  readonly process: TestProcess;
  /** For /v3. */
  readonly key: string;
}

export class Workers implements AsyncDisposable {
  readonly sink: HostileSink;
  /** Of PostgreSQL. */
  readonly databaseUrl: string;
  readonly #stack: AsyncDisposableStack;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #roleKey: string;
  readonly #key: string;

  private constructor(
    { stack, sink, database }: { stack: AsyncDisposableStack; sink: HostileSink; database: TestDatabase },
    settings: Readonly<Record<string, string>>,
  ) {
    this.#stack = stack;
    this.sink = sink;
    this.databaseUrl = database.environment['DATABASE_URL'] ?? '';
    this.#roleKey = newRoleKey().token;
    this.#key = newSendGridKey().token;
    this.#environment = {
      ...database.environment,
      JACKFIELD_BOOTSTRAP_API_KEY: this.#roleKey,
      JACKFIELD_BOOTSTRAP_SENDGRID_KEY: this.#key,
      JACKFIELD_BOOTSTRAP_ORGANIZATION_ID: organizationId,
      JACKFIELD_BOOTSTRAP_SOURCE_ID: sourceId,
      JACKFIELD_SEGMENT_US_URL: sink.url,
      JACKFIELD_SEGMENT_EU_URL: sink.url,
      JACKFIELD_SEGMENT_INTEGRATION_LIMIT: '1000',
      JACKFIELD_LOG_LEVEL: 'warn',
      ...settings,
    };
  }

  static async prepare(
    settings: Readonly<Record<string, string>> = {},
    kind: DatabaseKind = 'postgres',
  ): Promise<Workers> {
    const stack = new AsyncDisposableStack();
    const sink = stack.use(await HostileSink.start());
    const database = stack.use(await createDatabase(kind));
    return new Workers({ stack, sink, database }, settings);
  }

  async start(): Promise<Worker> {
    const process = this.#stack.use(await startProcess(this.#environment));
    return { process, url: process.url, roleKey: this.#roleKey, key: this.#key, organizationId };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack[Symbol.asyncDispose]();
  }
}
