/** `jackfield serve`: runs the service until it is told to stop. */
import { type App, createApp } from '../app.ts';
import { ConfigError, loadConfig } from '../config/config.ts';
import { readEnvironment } from '../config/env.ts';
import type { FirstStart } from '../services/root-organizations.ts';
import { createLogger } from '../telemetry/logger.ts';

const exitCode = { failed: 1, badSettings: 2 } as const;
/** Orchestrators commonly kill after 10 s. What the database has not answered by then would hold on for longer. */
const stopWithinMs = 9_000;

export async function serve(): Promise<void> {
  try {
    await run();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = error instanceof ConfigError ? exitCode.badSettings : exitCode.failed;
  }
}

async function run(): Promise<void> {
  // files made from here on are for this user alone; the embedded database's own are kept so by their folder
  process.umask(0o077);
  const config = loadConfig(readEnvironment());
  const logger = createLogger(config.logLevel);
  const app = await createApp({
    config,
    logger,
    onFatal: (error) => {
      logger.fatal({ err: error }, 'the embedded database has ended');
      process.exit(exitCode.failed);
    },
  });
  // npm forwards the signal that the process group got already: the second one changes nothing
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(app));
  if (app.firstStart !== undefined) greet(app.firstStart);
  if (app.newOperatorKey !== undefined) {
    process.stdout.write(`The operator key, shown only this once: ${app.newOperatorKey.reveal()}\n`);
  }
  try {
    const address = await app.listen();
    if (app.firstStart !== undefined) {
      const { eventSourceId } = app.firstStart;
      const origin = config.publicUrl?.origin ?? address;
      process.stdout.write(`Its URL for email events: ${origin}/events/sendgrid/${eventSourceId}\n`);
    }
    process.stdout.write(`Jackfield is listening on ${address}\n`);
  } catch (error) {
    // the open database alone would keep a process alive that serves nobody
    await app.stop();
    throw error;
  }
}

async function stop(app: App): Promise<void> {
  setTimeout(() => process.exit(), stopWithinMs).unref();
  await app.stop();
  // at once: while Node takes itself apart, a further signal would find no handler and kill
  process.exit();
}

function greet({ organizationId, newSendGridKey, newRoleKey }: FirstStart): void {
  process.stdout.write(`First start: created the organization ${organizationId}\n`);
  if (newSendGridKey !== undefined) {
    process.stdout.write(`Its SendGrid-style API key, shown only this once: ${newSendGridKey.reveal()}\n`);
  }
  if (newRoleKey !== undefined) {
    process.stdout.write(`Its admin API key for /api, shown only this once: ${newRoleKey.reveal()}\n`);
  }
}
