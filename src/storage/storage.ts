/** The database behind the services: stores bound to it, and transactions that hand out bound stores. */
import { Kysely, PostgresDialect, type PostgresPool } from 'kysely';
import { BacklogStore } from '../eventlog/backlog-store.ts';
import { CursorStore } from '../eventlog/cursor-store.ts';
import { DeadLetterRetryStore } from '../eventlog/dead-letter-retry-store.ts';
import { DeadLetterStore } from '../eventlog/dead-letter-store.ts';
import { DeliveryLogStore } from '../eventlog/delivery-log-store.ts';
import { DeliveryStatsStore } from '../eventlog/delivery-stats-store.ts';
import { DeliveryStore } from '../eventlog/delivery-store.ts';
import { MinutesStore } from '../eventlog/minutes-store.ts';
import { OverviewStore } from '../eventlog/overview-store.ts';
import { PlaceStore } from '../eventlog/place-store.ts';
import { RejectedStore } from '../eventlog/rejected-store.ts';
import { RemovedCursorStore } from '../eventlog/removed-cursor-store.ts';
import { RetentionStore } from '../eventlog/retention-store.ts';
import { SqlEventLog } from '../eventlog/sql-event-log.ts';
import { TrailStore } from '../eventlog/trail-store.ts';
import { ApiKeyStore } from './api-key-store.ts';
import { AuditStore, type OnAudit } from './audit-store.ts';
import { isTransient } from './database-error.ts';
import { EventSourceStore } from './event-source-store.ts';
import { IdempotencyStore } from './idempotency-store.ts';
import { IntegrationListStore } from './integration-list-store.ts';
import { IntegrationStore } from './integration-store.ts';
import { migrate, missingMigrations } from './migrate.ts';
import { notify } from './notifications.ts';
import { OperatorKeyStore } from './operator-key-store.ts';
import { OrganizationStore } from './organization-store.ts';
import { PhoneNumberStore } from './phone-number-store.ts';
import { RoleKeyStore } from './role-key-store.ts';
import type { Schema } from './schema.ts';
import { SessionStore } from './session-store.ts';
import { statement } from './statement.ts';
import { TenantStore } from './tenant-store.ts';
import { VerificationStore } from './verification-store.ts';

/** One store per table, all on one connection or transaction. */
abstract class Stores {
  readonly organizations: OrganizationStore;
  readonly tenants: TenantStore;
  readonly operatorKeys: OperatorKeyStore;
  readonly apiKeys: ApiKeyStore;
  readonly roleKeys: RoleKeyStore;
  readonly integrations: IntegrationStore;
  readonly integrationList: IntegrationListStore;
  readonly phoneNumbers: PhoneNumberStore;
  readonly verifications: VerificationStore;
  readonly idempotency: IdempotencyStore;
  readonly eventSources: EventSourceStore;
  readonly deliveries: DeliveryStore;
  readonly deadLetters: DeadLetterStore;
  readonly deadLetterRetries: DeadLetterRetryStore;
  readonly deliveryLog: DeliveryLogStore;
  readonly rejected: RejectedStore;
  readonly deliveryStats: DeliveryStatsStore;
  readonly overview: OverviewStore;
  readonly places: PlaceStore;
  readonly trails: TrailStore;
  readonly sessions: SessionStore;
  readonly removedCursors: RemovedCursorStore;
  readonly retention: RetentionStore;
  readonly minutes: MinutesStore;
  readonly audit: AuditStore;

  constructor(db: Kysely<Schema>, onAudit: OnAudit) {
    this.organizations = new OrganizationStore(db);
    this.tenants = new TenantStore(db);
    this.operatorKeys = new OperatorKeyStore(db);
    this.apiKeys = new ApiKeyStore(db);
    this.roleKeys = new RoleKeyStore(db);
    this.integrations = new IntegrationStore(db);
    this.integrationList = new IntegrationListStore(db);
    this.phoneNumbers = new PhoneNumberStore(db);
    this.verifications = new VerificationStore(db);
    this.idempotency = new IdempotencyStore(db);
    this.eventSources = new EventSourceStore(db);
    this.deliveries = new DeliveryStore(db);
    this.deadLetters = new DeadLetterStore(db);
    this.deadLetterRetries = new DeadLetterRetryStore(db);
    this.deliveryLog = new DeliveryLogStore(db);
    this.rejected = new RejectedStore(db);
    this.deliveryStats = new DeliveryStatsStore(db);
    this.places = new PlaceStore(db);
    this.trails = new TrailStore(db);
    this.overview = new OverviewStore(db);
    this.sessions = new SessionStore(db);
    this.removedCursors = new RemovedCursorStore(db);
    this.retention = new RetentionStore(db);
    this.minutes = new MinutesStore(db);
    this.audit = new AuditStore(db, onAudit);
  }

  /** Commits what `work` did through the stores it is given, or nothing of it when it throws. May run it again. */
  abstract transaction<T>(work: (stores: Transaction) => Promise<T>): Promise<T>;
}

export type { Stores };

/** The stores inside a transaction. What opens a transaction in here is part of it. */
export class Transaction extends Stores {
  readonly #db: Kysely<Schema>;
  readonly #afterCommit: (() => Promise<void>)[];

  constructor(db: Kysely<Schema>, onAudit: OnAudit) {
    const afterCommit: (() => Promise<void>)[] = [];
    super(db, (entries) => afterCommit.push(async () => onAudit(entries)));
    this.#afterCommit = afterCommit;
    this.#db = db;
  }

  async transaction<T>(work: (stores: Transaction) => Promise<T>): Promise<T> {
    return await work(this);
  }

  /** Runs once the outermost transaction has committed, and before its caller goes on. Not when it rolls back. */
  afterCommit(work: () => Promise<void>): void {
    this.#afterCommit.push(work);
  }

  /** Tells every process that listens, once and only if the transaction commits. */
  async notify(channel: string, payload: string): Promise<void> {
    await notify(this.#db, channel, payload);
  }

  async committed(): Promise<void> {
    for (const work of this.#afterCommit) await work();
  }
}

/** A deadlock is a bug in the order of locks, and a lost race with a new reference is rare: a few repeats settle both. */
const transactionAttempts = 5;

const ping = statement<{ one: number }, []>('select 1 as one');

const now = statement<{ now: Date }, []>('select clock_timestamp() as now');

export class Storage extends Stores {
  readonly eventLog: SqlEventLog;
  readonly cursors: CursorStore;
  readonly backlog: BacklogStore;
  readonly #db: Kysely<Schema>;
  readonly #audited: { on: OnAudit };

  constructor(pool: PostgresPool) {
    const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
    const audited: { on: OnAudit } = { on: () => undefined };
    super(db, (entries) => audited.on(entries));
    this.#audited = audited;
    this.#db = db;
    this.eventLog = new SqlEventLog(db);
    this.cursors = new CursorStore(db);
    this.backlog = new BacklogStore(db);
  }

  async transaction<T>(work: (stores: Transaction) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      let result: T;
      let bound: Transaction;
      try {
        ({ result, bound } = await this.#attempt(work));
      } catch (error) {
        if (isTransient(error) && attempt < transactionAttempts) continue;
        throw error;
      }
      // outside: what fails here must not make a committed transaction run again
      await bound.committed();
      return result;
    }
  }

  async #attempt<T>(work: (stores: Transaction) => Promise<T>) {
    return await this.#db.transaction().execute(async (tx) => {
      const bound = new Transaction(tx, this.#audited.on);
      return { result: await work(bound), bound };
    });
  }

  /** Called with what was written to the audit log, once it is committed. */
  onAudit(listener: OnAudit): void {
    this.#audited.on = listener;
  }

  async migrate(): Promise<readonly string[]> {
    return await migrate(this.#db);
  }

  async missingMigrations(): Promise<readonly string[]> {
    return await missingMigrations(this.#db);
  }

  /** The database's own time. */
  async now(): Promise<Date> {
    const [row] = await now(this.#db);
    if (row === undefined) throw new Error('the database told no time');
    return row.now;
  }

  /** Tells every process that listens. */
  async notify(channel: string, payload: string): Promise<void> {
    await notify(this.#db, channel, payload);
  }

  /** @throws when the database does not answer. */
  async ping(): Promise<void> {
    await ping(this.#db);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#db.destroy();
  }
}
