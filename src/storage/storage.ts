/** The database behind the services: stores bound to it, and transactions that hand out bound stores. */
import { Kysely, PostgresDialect, type PostgresPool } from 'kysely';
import { ApiKeyStore } from './api-key-store.ts';
import { AuditStore } from './audit-store.ts';
import { isTransient } from './database-error.ts';
import { IntegrationStore } from './integration-store.ts';
import { migrate } from './migrate.ts';
import { OrganizationStore } from './organization-store.ts';
import type { Schema } from './schema.ts';
import { statement } from './statement.ts';

/** One store per table, all on one connection or transaction. */
export class Stores {
  readonly organizations: OrganizationStore;
  readonly apiKeys: ApiKeyStore;
  readonly integrations: IntegrationStore;
  readonly audit: AuditStore;

  constructor(db: Kysely<Schema>) {
    this.organizations = new OrganizationStore(db);
    this.apiKeys = new ApiKeyStore(db);
    this.integrations = new IntegrationStore(db);
    this.audit = new AuditStore(db);
  }
}

/** Statements lock in one order, so a deadlock is a bug elsewhere in the database; a few repeats ride it out. */
const transactionAttempts = 4;

const ping = statement<{ one: number }, []>('select 1 as one');

export class Storage extends Stores {
  readonly #db: Kysely<Schema>;

  constructor(pool: PostgresPool) {
    const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
    super(db);
    this.#db = db;
  }

  /** Commits what `work` did through the stores it is given, or nothing of it when it throws. May run it again. */
  async transaction<T>(work: (stores: Stores) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#db.transaction().execute((tx) => work(new Stores(tx)));
      } catch (error) {
        if (!isTransient(error) || attempt === transactionAttempts) throw error;
      }
    }
  }

  async migrate(): Promise<readonly string[]> {
    return await migrate(this.#db);
  }

  /** @throws when the database does not answer. */
  async ping(): Promise<void> {
    await ping(this.#db);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#db.destroy();
  }
}
