/** What came in and was no event: kept in the log, for whoever wants to know why something is missing. */
import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { Schema } from '../storage/schema.ts';
import { statement } from '../storage/statement.ts';

export interface RejectedElement {
  /** Its position in the log. */
  readonly id: number;
  readonly at: Date;
  readonly reason: string;
  /** What is kept of it; empty where nothing is. */
  readonly element: string;
  /** The event source that it came through; undefined: it came before that was kept. */
  readonly sourceId: string | undefined;
  /** How many elements it stands for. */
  readonly count: number;
}

/** Kind 13 in so many words, for the index of rejected elements. */
const rejected = statement<RejectedRow, [string, number | null, number]>(`
  select position, accepted_at, payload from event
  where organization_id = $1 and kind = 13 and ($2::bigint is null or position < $2)
  order by position desc limit $3`);

const payloadForm = z.object({
  reason: z.string(),
  element: z.string(),
  count: z.number().default(1),
  source_id: z.string().optional(),
});

export class RejectedStore {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** Newest first. */
  async list(
    organizationId: string,
    { before, limit }: { readonly before: number | undefined; readonly limit: number },
  ): Promise<readonly RejectedElement[]> {
    const rows = await rejected(this.#db, organizationId, before ?? null, limit);
    return rows.map(({ position, accepted_at, payload }) => {
      const { source_id: sourceId, reason, element, count } = payloadForm.parse(JSON.parse(payload));
      return { id: position, at: accepted_at, sourceId, reason, element, count };
    });
  }
}

interface RejectedRow {
  readonly position: number;
  readonly accepted_at: Date;
  readonly payload: string;
}
