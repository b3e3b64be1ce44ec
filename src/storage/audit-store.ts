/** The audit log: appended to inside the transaction that it describes, never changed. */
import type { Kysely } from 'kysely';
import type { AuditEntry } from '../core/audit.ts';
import type { Schema } from './schema.ts';
import { statement } from './statement.ts';

/** Arrays instead of rows: one text, and so one prepared plan, for any number of entries. */
const append = statement<
  never,
  [string, string, string, string, string, string, string, readonly string[], readonly string[]]
>(`
  insert into audit_entry (organization_id, actor_type, actor_id, actor_organization_id, request_id, action,
    target_type, target_id, details)
  select $1, $2, $3, $4, $5, $6, $7, target_id, details::jsonb
  from unnest($8::text[], $9::text[]) as entry (target_id, details)`);

export class AuditStore {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** All entries are of one act: they differ in target and details only. */
  async append(entry: AuditEntry, ...more: readonly AuditEntry[]): Promise<void> {
    const { organizationId, actor, requestId, action, target } = entry;
    const entries = [entry, ...more];
    await append(
      this.#db,
      organizationId,
      actor.type,
      actor.id,
      actor.organizationId,
      requestId,
      action,
      target.type,
      entries.map((each) => each.target.id),
      entries.map((each) => JSON.stringify(each.details)),
    );
  }
}
