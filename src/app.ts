/** The composition root: the only file that sees every layer. Builds the parts from the settings and joins them. */
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { Chores } from './chores.ts';
import type { Config } from './config/config.ts';
import { newProcessId } from './core/ids.ts';
import type { Secret } from './core/secret.ts';
import { GroupCommit } from './eventlog/group-commit.ts';
import { RecentLog } from './eventlog/recent-log.ts';
import { WakingLog } from './eventlog/waking-log.ts';
import { Forwarder } from './forwarder/forwarder.ts';
import { hearOthers } from './hearing.ts';
import { loadAssets } from './http/assets.ts';
import { butterSurface } from './http/butter/surface.ts';
import { dashboardPages } from './http/dashboard.ts';
import { registerDocs } from './http/docs/docs.ts';
import { registerHealth } from './http/health.ts';
import { intakeSurface } from './http/intake/surface.ts';
import { operatorSurface } from './http/operator/surface.ts';
import { sendGridSurface } from './http/sendgrid/surface.ts';
import { createServer } from './http/server.ts';
import { sessionSurface } from './http/session/surface.ts';
import { SessionCookies } from './http/session-cookies.ts';
import { Turnstile } from './http/turnstile.ts';
import { SignInProvider } from './identity/sign-in.ts';
import { TokenVerifier } from './identity/token-verifier.ts';
import { migrate, type OpenOptions, openKeyring, openPool, requireFittingKeys } from './opening.ts';
import { Catalog } from './providers/catalog.ts';
import { Outbound } from './providers/outbound.ts';
import { SegmentDelivery } from './providers/segment/delivery.ts';
import { AuditLogService } from './services/audit-log.ts';
import { AuthenticationService } from './services/authentication.ts';
import { Changes, changedChannel } from './services/changes.ts';
import { DeadLetterRetries } from './services/dead-letter-retries.ts';
import { keepFigures, sampleMinute } from './services/delivery-stats.ts';
import { IdempotencyService } from './services/idempotency.ts';
import { IntakeService } from './services/intake.ts';
import { IntakeBudget } from './services/intake-budget.ts';
import { KeyUse } from './services/key-use.ts';
import { OperatorKeyService } from './services/operator-key.ts';
import { Removals } from './services/removals.ts';
import { Retention } from './services/retention.ts';
import { RoleAuthenticationService } from './services/role-authentication.ts';
import { type FirstStart, RootOrganizationService } from './services/root-organizations.ts';
import { SegmentIntegrationService } from './services/segment-integrations.ts';
import { createServiceBinder } from './services/services.ts';
import { SessionService } from './services/sessions.ts';
import { SignInService } from './services/sign-in.ts';
import { SubuserService } from './services/subusers.ts';
import { TenantService } from './services/tenants.ts';
import { VerificationService } from './services/verification.ts';
import { Storage } from './storage/storage.ts';
import type { Logger } from './telemetry/logger.ts';
import { Metrics } from './telemetry/metrics.ts';
import { Vault } from './vault/vault.ts';

/** Requests that still run this long after a stop was asked for are cut off, so that the stop ends in time. */
const stopGraceMs = 8_000;

export interface AppOptions extends OpenOptions {
  /** Where the dashboard's build has left its files. */
  readonly dashboardFolder?: string;
}

export interface App {
  readonly server: FastifyInstance;
  /** For operators: what no customer's key may do. */
  readonly organizations: RootOrganizationService;
  readonly firstStart: FirstStart | undefined;
  /** The operator key, at the one start that made it. */
  readonly newOperatorKey: Secret | undefined;
  /** @returns the address that is listened on, as a URL. */
  listen(): Promise<string>;
  /** Finishes the requests under way, then closes everything. Further calls wait for the first one. */
  stop(): Promise<void>;
}

const builtDashboard = fileURLToPath(new URL('../dashboard/dist', import.meta.url));

export async function createApp(options: AppOptions): Promise<App> {
  const { config, logger, onFatal, dashboardFolder = builtDashboard } = options;
  const storage = new Storage(await openPool({ config, logger, onFatal }));
  try {
    // only now: the embedded database's folder is held, so no other process makes a key in it
    const vault = new Vault(await openKeyring(config));
    await migrate(config, storage);
    await requireFittingKeys(storage, vault);
    const organizations = new RootOrganizationService(storage, vault, config);
    const firstStart = await organizations.bootstrap(config.bootstrap);
    const operatorKeys = new OperatorKeyService(storage, config.operatorKey);
    const newOperatorKey = await operatorKeys.bootstrap();
    const parts = {
      config,
      logger,
      storage,
      vault,
      organizations,
      firstStart,
      operatorKeys,
      newOperatorKey,
      dashboardFolder,
    };
    return await assemble(parts);
  } catch (error) {
    await storage[Symbol.asyncDispose]();
    throw error;
  }
}

const now = (): Date => new Date();

/** Half of the connections: the other half stays for everybody else, however long one organization's writes take. */
function writesAtOnce({ database }: Config): number {
  return database.kind === 'postgres' ? Math.max(1, Math.floor(database.poolSize / 2)) : 8;
}

interface Parts {
  readonly config: Config;
  readonly logger: Logger;
  readonly storage: Storage;
  readonly vault: Vault;
  readonly organizations: RootOrganizationService;
  readonly firstStart: FirstStart | undefined;
  readonly dashboardFolder: string;
  readonly operatorKeys: OperatorKeyService;
  readonly newOperatorKey: Secret | undefined;
}

async function assemble(parts: Parts): Promise<App> {
  const { config, logger, storage, vault, organizations, firstStart, operatorKeys, newOperatorKey } = parts;
  const metrics = new Metrics();
  const outbound = new Outbound();
  const catalog = new Catalog({ twilioUrl: config.twilioUrl, outbound });
  const removals = new Removals(newProcessId());
  const verification = new VerificationService({ storage, vault, catalog, removals, logger });
  const delivery = new SegmentDelivery({
    urls: config.segmentUrls,
    outbound,
    now,
    batchEvents: config.deliveryBatchEvents,
  });
  const log = new RecentLog(storage.eventLog);
  const changes = new Changes({
    // with the embedded database there is nobody else to tell
    notify: async (payload) =>
      config.database.kind === 'embedded' ? undefined : await storage.notify(changedChannel, payload),
    onNotifyError: (error) => logger.warn({ err: error }, 'other processes were not told of changes'),
  });
  storage.onAudit((entries) => changes.audited(entries));
  const onProgress = (organizationId: string) => changes.changed(organizationId, 'delivery');
  const forwarder = new Forwarder({
    onProgress,
    cursors: storage.cursors,
    log,
    vault,
    delivery,
    logger,
    metrics: metrics.forwarding,
    processId: removals.processId,
    leaseMs: config.deliveryLeaseMs,
  });
  removals.onRemoval((ids) => forwarder.drop(ids));
  removals.onPause((ids) => forwarder.drop(ids));
  const wakeForwarder = () => forwarder.wake();
  const bind = createServiceBinder({ vault, catalog, delivery, removals, verification, now, wakeForwarder });
  const commits = new GroupCommit(
    new WakingLog(log, (organizationId) => {
      forwarder.wake(organizationId);
      onProgress(organizationId);
    }),
  );
  const budget = new IntakeBudget();
  const intake = new IntakeService({
    storage,
    commits,
    budget,
    metrics: metrics.forwarding,
    signatureMaxAgeMs: config.eventSignatureMaxAgeMs,
  });
  const services = bind(storage);
  const idempotency = new IdempotencyService(storage, vault, bind);
  const keyUse = new KeyUse(storage, now);
  const turnstile = new Turnstile(writesAtOnce(config));
  const sessions = new SessionService({ storage, keyUse, lifetimeMs: config.sessionLifetimeMs, now });
  const cookies = new SessionCookies(config.publicUrl);
  const surfaces = [
    sendGridSurface({
      authentication: new AuthenticationService(storage, keyUse, config.region),
      integrations: new SegmentIntegrationService(services.integrations, services.removal),
      apiKeys: services.apiKeys,
      subusers: new SubuserService(storage, vault, config.segmentIntegrationLimit),
      rateLimitPerSecond: config.rateLimitPerSecond,
      turnstile,
    }),
    butterSurface({
      authentication: new RoleAuthenticationService(
        storage,
        keyUse,
        config.oidc && new TokenVerifier(config.oidc),
      ),
      sessions,
      cookies,
      services,
      idempotency,
      auditLog: new AuditLogService(storage),
      catalog,
      changes,
      publicUrl: config.publicUrl,
      rateLimitPerSecond: config.rateLimitPerSecond,
      turnstile,
    }),
    intakeSurface(intake),
    sessionSurface({
      sessions,
      cookies,
      signIn: new SignInService(sessions, config.signIn && new SignInProvider(config.signIn)),
      rateLimitPerSecond: config.rateLimitPerSecond,
    }),
    operatorSurface({
      keys: operatorKeys,
      tenants: new TenantService(storage, organizations),
      rateLimitPerSecond: config.rateLimitPerSecond,
    }),
  ] as const;
  const server = await createServer({
    logger,
    metrics,
    answerPage: dashboardPages(await loadAssets(parts.dashboardFolder)),
    surfaces,
  });
  registerDocs(server, { surfaces, publicUrl: config.publicUrl });
  let stopping: Promise<void> | undefined;
  registerHealth(server, { ping: () => storage.ping(), isStopping: () => stopping !== undefined, metrics });

  const listener = await hearOthers(config, { logger, storage, removals, verification, forwarder, changes });
  const retention = new Retention({
    storage,
    days: config.eventRetentionDays,
    now,
    logger,
    metrics: metrics.forwarding,
  });
  await retention.keepUp();
  metrics.forwarding.watch(
    async () => await storage.backlog.read(),
    () => ({ intakeBytes: budget.bytes, ...forwarder.held }),
  );
  verification.start();
  forwarder.start();
  const retries = new DeadLetterRetries(storage, wakeForwarder);
  const chores = new Chores(logger, [
    { name: 'when keys were last used', everyMs: 15_000, run: async () => await keyUse.flush() },
    { name: 'dead letters to send again', everyMs: 1_000, run: async () => await retries.goOn() },
    { name: 'retention', everyMs: 60 * 60_000, run: async () => await retention.keepUp() },
    { name: 'figures', everyMs: 30_000, run: async () => await keepFigures(storage) },
    // twice a minute, so that it misses none
    { name: 'what waits', everyMs: 30_000, run: async () => await sampleMinute(storage) },
    { name: 'expired sessions', everyMs: 10 * 60_000, run: async () => await sessions.forgetExpired() },
    { name: 'old idempotency keys', everyMs: 10 * 60_000, run: async () => await idempotency.forgetOld() },
  ]);
  const stop = async () => {
    const cutOff = setTimeout(() => server.server.closeAllConnections(), stopGraceMs);
    // together: a slow request must not keep another process from what is waiting here
    await Promise.all([server.close(), forwarder.stop()]);
    clearTimeout(cutOff);
    await verification.stop();
    await chores.stop();
    await listener?.[Symbol.asyncDispose]();
    await outbound[Symbol.asyncDispose]();
    await storage[Symbol.asyncDispose]();
  };
  return {
    server,
    organizations,
    firstStart,
    newOperatorKey,
    listen: async () => await server.listen({ host: config.host, port: config.port }),
    stop: () => (stopping ??= stop()),
  };
}
