/** Hand-written statements for the paths where the SQL is the heart of the matter, or the cost of building it counts. */
import { CompiledQuery, type Kysely } from 'kysely';
import type { Schema } from './schema.ts';

/** A fixed text with $1, $2 …; the row type is the author's claim, next to the text that it describes. */
export function statement<Row, Parameters extends readonly unknown[]>(text: string) {
  return async (db: Kysely<Schema>, ...parameters: Parameters): Promise<Row[]> =>
    (await db.executeQuery<Row>(CompiledQuery.raw(text, [...parameters]))).rows;
}
