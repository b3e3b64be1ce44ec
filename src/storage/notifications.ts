/** Words between processes, through PostgreSQL's LISTEN and NOTIFY. A hint, never the truth: a lost one loses no data. */
import type { Kysely } from 'kysely';
import pg from 'pg';
import type { Secret } from '../core/secret.ts';
import type { Schema } from './schema.ts';
import { statement } from './statement.ts';

/** What one NOTIFY may carry is just below 8,000 bytes. */
export const mostNotificationBytes = 7_900;

const reconnectMs = 1_000;

const send = statement<never, [string, string]>('select pg_notify($1, $2)');

export async function notify(db: Kysely<Schema>, channel: string, payload: string): Promise<void> {
  await send(db, channel, payload);
}

export interface ListenerOptions {
  readonly url: Secret;
  readonly channels: Readonly<Record<string, (payload: string) => void>>;
  /** The connection was lost: what was said meanwhile will never be heard. */
  readonly onGap: (error: Error) => void;
  /** It is there again: from here on everything is heard. */
  readonly onReturn: () => void;
}

/** Listens until disposed of, and connects again by itself. */
export class Listener implements AsyncDisposable {
  readonly #options: ListenerOptions;
  #client: pg.Client | undefined;
  #retry: NodeJS.Timeout | undefined;
  #hadGap = false;
  #stopped = false;

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { url, channels } = this.#options;
    const client = new pg.Client({
      connectionString: url.reveal(),
      keepAlive: true,
      application_name: 'jackfield-listen',
    });
    this.#client = client;
    client.on('notification', ({ channel, payload }) => channels[channel]?.(payload ?? ''));
    client.on('error', (error) => this.#lost(client, error));
    client.on('end', () => this.#lost(client, new Error('the listening connection ended')));
    try {
      await client.connect();
      for (const channel of Object.keys(channels)) await client.query(`listen ${channel}`);
    } catch (error) {
      this.#lost(client, error instanceof Error ? error : new Error(String(error)));
      return;
    }
    if (this.#hadGap) this.#options.onReturn();
  }

  #lost(client: pg.Client, error: Error): void {
    if (this.#stopped || this.#client !== client) return;
    this.#client = undefined;
    this.#hadGap = true;
    client.end().catch(() => undefined);
    this.#options.onGap(error);
    this.#retry = setTimeout(() => void this.start(), reconnectMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#retry);
    await this.#client?.end();
  }
}
