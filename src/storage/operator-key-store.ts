/** The hash of the operator key that a start has made. */
import type { Kysely } from 'kysely';
import type { Schema } from './schema.ts';
import { statement } from './statement.ts';

const find = statement<{ secret_hash: string }, []>('select secret_hash from operator_key');

/** Of processes that start together one inserts; the others wait for its commit and then find the row. */
const createFirst = statement<{ single: boolean }, [string]>(
  'insert into operator_key (secret_hash) values ($1) on conflict do nothing returning single',
);

export class OperatorKeyStore {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  async findHash(): Promise<string | undefined> {
    return (await find(this.#db))[0]?.secret_hash;
  }

  /** @returns false where there is one already. */
  async createFirst(secretHash: string): Promise<boolean> {
    return (await createFirst(this.#db, secretHash)).length === 1;
  }
}
