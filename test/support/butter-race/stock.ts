/** Twilio integrations made ahead, whose credentials have been verified: removals of others wait for a verification. */
import { randomBytes } from 'node:crypto';
import { vi } from 'vitest';
import { z } from 'zod';
import { call } from '../http.ts';
import type { RaceDatabase } from './database.ts';
import type { State } from './model.ts';

/** Waiting for the verifications of many takes little longer than for those of one. */
const madeAtOnce = 96;
/** A process too busy to verify in time tries again only after seconds. */
const makers = 6;
const name = 'made ahead';
const made = z.object({ data: z.object({ integration_id: z.string() }) });

export interface Server {
  readonly url: string;
}

export interface Client {
  readonly servers: readonly [Server, Server];
  readonly headers: Readonly<Record<string, string>>;
}

export class Stock {
  readonly #client: Client;
  readonly #database: RaceDatabase;
  readonly #ids: string[] = [];
  #making: Promise<void> | undefined;
  made = 0;

  constructor(client: Client, database: RaceDatabase) {
    this.#client = client;
    this.#database = database;
  }

  async take(count: number): Promise<State['integrations']> {
    while (this.#ids.length < count) {
      this.#making ??= this.#make().finally(() => {
        this.#making = undefined;
      });
      await this.#making;
    }
    return new Map(this.#ids.splice(0, count).map((id) => [id, { name, version: 1 }]));
  }

  async #make(): Promise<void> {
    const ids: string[] = [];
    const work = async (_: unknown, maker: number): Promise<void> => {
      for (let i = 0; i < madeAtOnce / makers; i++) ids.push(await this.#create(maker % 2 === 0 ? 0 : 1));
    };
    await Promise.all(Array.from({ length: makers }, work));
    const settled = async () => {
      if ((await this.#database.unverified(ids)) > 0) throw new Error('credentials are not verified');
    };
    await vi.waitFor(settled, { timeout: 30_000, interval: 20 });
    this.made += ids.length;
    this.#ids.push(...ids);
  }

  async #create(server: 0 | 1): Promise<string> {
    const { servers, headers } = this.#client;
    const json = { name, credentials: newCredentials() };
    const answer = await call(servers[server], 'POST', '/api/integrations', { headers, json });
    return made.parse(answer.json).data.integration_id;
  }
}

export function newCredentials() {
  return {
    provider: 'twilio',
    account_sid: `AC${randomBytes(16).toString('hex')}`,
    auth_token: randomBytes(16).toString('hex'),
  };
}
