/** The audit log: appended to inside the transaction that it describes, never changed. */
import type { Kysely } from 'kysely';
import type { AuditEntry, AuditRecord } from '../core/audit.ts';
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

const matches = `organization_id = $1 and ($2::text is null or target_id = $2)
    and ($3::text is null or target_type = $3) and ($4::text is null or action = $4)
    and ($5::text is null or actor_id = $5) and ($6::timestamptz is null or at >= $6)
    and ($7::timestamptz is null or at < $7)`;
type FilterParameters = [
  string,
  string | null,
  string | null,
  string | null,
  string | null,
  Date | null,
  Date | null,
];

const page = statement<AuditRow, [...FilterParameters, number | null, number]>(`
  select id, at, actor_type, actor_id, actor_organization_id, request_id, action, target_type, target_id, details
  from audit_entry
  where ${matches} and ($8::bigint is null or id < $8)
  order by id desc
  limit $9`);

const countFiltered = statement<{ readonly count: number }, FilterParameters>(
  `select count(*) as count from audit_entry where ${matches}`,
);

export interface AuditFilter {
  readonly targetId: string | undefined;
  readonly targetType: string | undefined;
  readonly action: string | undefined;
  readonly actorId: string | undefined;
  /** From then on. */
  readonly from: Date | undefined;
  /** Before then. */
  readonly to: Date | undefined;
}

/** Must not throw: what it is told of is done. */
export type OnAudit = (entries: readonly AuditEntry[]) => void;

export class AuditStore {
  readonly #db: Kysely<Schema>;
  readonly #onAudit: OnAudit;

  constructor(db: Kysely<Schema>, onAudit: OnAudit) {
    this.#db = db;
    this.#onAudit = onAudit;
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
    this.#onAudit(entries);
  }

  /** Newest first, those before the given id. */
  async list(
    organizationId: string,
    filter: AuditFilter,
    { before, limit }: { readonly before: number | undefined; readonly limit: number },
  ): Promise<readonly AuditRecord[]> {
    const rows = await page(this.#db, ...parametersOf(organizationId, filter), before ?? null, limit);
    return rows.map(toRecord);
  }

  async count(organizationId: string, filter: AuditFilter): Promise<number> {
    return (await countFiltered(this.#db, ...parametersOf(organizationId, filter)))[0]?.count ?? 0;
  }
}

function parametersOf(
  organizationId: string,
  { targetId, targetType, action, actorId, from, to }: AuditFilter,
): FilterParameters {
  return [
    organizationId,
    targetId ?? null,
    targetType ?? null,
    action ?? null,
    actorId ?? null,
    from ?? null,
    to ?? null,
  ];
}

interface AuditRow {
  readonly id: number;
  readonly at: Date;
  readonly actor_type: string;
  readonly actor_id: string;
  readonly actor_organization_id: string;
  readonly request_id: string;
  readonly action: string;
  readonly target_type: string;
  readonly target_id: string;
  readonly details: unknown;
}

function toRecord(row: AuditRow): AuditRecord {
  return {
    id: row.id,
    at: row.at,
    actor: { type: row.actor_type, id: row.actor_id, organizationId: row.actor_organization_id },
    requestId: row.request_id,
    action: row.action,
    target: { type: row.target_type, id: row.target_id },
    details: row.details,
  };
}
