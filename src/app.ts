/** The composition root: the only file that sees every layer. Builds the parts from the settings and joins them. */
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { PostgresPool } from 'kysely';
import type { Config } from './config/config.ts';
import { registerHealth } from './http/health.ts';
import { sendGridSurface } from './http/sendgrid/surface.ts';
import { createServer } from './http/server.ts';
import { ApiKeyService } from './services/api-keys.ts';
import { AuthenticationService } from './services/authentication.ts';
import { IntegrationService } from './services/integrations.ts';
import { type FirstStart, RootOrganizationService } from './services/root-organizations.ts';
import { SegmentIntegrationService } from './services/segment-integrations.ts';
import { SubuserService } from './services/subusers.ts';
import { EmbeddedPool } from './storage/embedded.ts';
import { openPostgres } from './storage/postgres.ts';
import { Storage } from './storage/storage.ts';
import type { Logger } from './telemetry/logger.ts';
import { Metrics } from './telemetry/metrics.ts';
import { type Keyring, loadOrCreateKeyFile } from './vault/keyring.ts';
import { Vault } from './vault/vault.ts';

const lastUsedFlushMs = 15_000;
/** Requests that still run this long after a stop was asked for are cut off, so that the stop ends in time. */
const stopGraceMs = 8_000;

export interface AppOptions {
  readonly config: Config;
  readonly logger: Logger;
  /** The embedded database's thread has ended by itself: this process can serve nobody any more. */
  readonly onFatal: (error: Error) => void;
}

export interface App {
  readonly server: FastifyInstance;
  /** For operators: what no customer's key may do. */
  readonly organizations: RootOrganizationService;
  readonly firstStart: FirstStart | undefined;
  /** @returns the address that is listened on, as a URL. */
  listen(): Promise<string>;
  /** Finishes the requests under way, then closes everything. Further calls wait for the first one. */
  stop(): Promise<void>;
}

export async function createApp({ config, logger, onFatal }: AppOptions): Promise<App> {
  const keyring = await openKeyring(config);
  const storage = new Storage(await openPool({ config, logger, onFatal }));
  try {
    const vault = new Vault(keyring);
    await storage.migrate();
    await requireFittingKeys(storage, vault);
    const organizations = new RootOrganizationService(storage, vault, config);
    const firstStart = await organizations.bootstrap(config.bootstrap);
    return await assemble({ config, logger, storage, vault, organizations, firstStart });
  } catch (error) {
    await storage[Symbol.asyncDispose]();
    throw error;
  }
}

interface Parts {
  readonly config: Config;
  readonly logger: Logger;
  readonly storage: Storage;
  readonly vault: Vault;
  readonly organizations: RootOrganizationService;
  readonly firstStart: FirstStart | undefined;
}

async function assemble(parts: Parts): Promise<App> {
  const { config, logger, storage, vault, organizations, firstStart } = parts;
  const metrics = new Metrics();
  const authentication = new AuthenticationService(storage, config.region, () => new Date());
  const server = await createServer({
    logger,
    metrics,
    surfaces: [
      sendGridSurface({
        authentication,
        integrations: new SegmentIntegrationService(new IntegrationService(storage, vault)),
        apiKeys: new ApiKeyService(storage),
        subusers: new SubuserService(storage, vault, config.segmentIntegrationLimit),
        rateLimitPerSecond: config.rateLimitPerSecond,
      }),
    ],
  });
  let stopping: Promise<void> | undefined;
  registerHealth(server, { ping: () => storage.ping(), isStopping: () => stopping !== undefined, metrics });

  const flush = async () => {
    try {
      await authentication.flushLastUsed();
    } catch (error) {
      logger.warn({ err: error }, 'when keys were last used could not be written');
    }
  };
  const flushing = setInterval(() => void flush(), lastUsedFlushMs).unref();
  const stop = async () => {
    const cutOff = setTimeout(() => server.server.closeAllConnections(), stopGraceMs);
    clearInterval(flushing);
    await server.close();
    clearTimeout(cutOff);
    await flush();
    await storage[Symbol.asyncDispose]();
  };
  return {
    server,
    organizations,
    firstStart,
    listen: async () => await server.listen({ host: config.host, port: config.port }),
    stop: () => (stopping ??= stop()),
  };
}

async function openKeyring({ masterKeys, database }: Config): Promise<Keyring> {
  if (masterKeys !== undefined) return masterKeys;
  if (database.kind === 'postgres') throw new Error('the settings guarantee master keys for PostgreSQL');
  return await loadOrCreateKeyFile(join(database.dataDir, 'master.key'));
}

async function openPool({ config: { database }, logger, onFatal }: AppOptions): Promise<PostgresPool> {
  if (database.kind === 'embedded') {
    return await EmbeddedPool.open({ dataDir: database.dataDir, durable: true, onCrash: onFatal });
  }
  const onIdleError = (error: Error) => logger.warn({ err: error }, 'an idle database connection was lost');
  return openPostgres({ url: database.url, poolSize: database.poolSize, onIdleError });
}

/** Wrong master keys are found at the start, not at the first customer's request. */
async function requireFittingKeys(storage: Storage, vault: Vault): Promise<void> {
  const sample = await storage.organizations.anyDataKey();
  if (sample === undefined) return;
  try {
    await vault.check(sample.dataKey, sample.id);
  } catch (error) {
    throw new Error('The master keys do not fit this database: its data keys were wrapped by another one.', {
      cause: error,
    });
  }
}
