/** Reading the audit log. */
import type { AuditRecord } from '../core/audit.ts';
import type { Caller } from '../core/principal.ts';
import type { AuditFilter } from '../storage/audit-store.ts';
import type { Stores } from '../storage/storage.ts';

const exportedAtOnce = 1_000;

export interface AuditPage {
  readonly items: readonly AuditRecord[];
  /** The id before which the next page ends; undefined on the last one. */
  readonly next: number | undefined;
  readonly total: number;
}

export class AuditLogService {
  readonly #stores: Stores;

  constructor(stores: Stores) {
    this.#stores = stores;
  }

  /** Newest first. */
  async page(
    caller: Caller,
    filter: AuditFilter,
    { limit, before }: { readonly limit: number; readonly before: number | undefined },
  ): Promise<AuditPage> {
    const { id } = caller.organization;
    const rows = await this.#stores.audit.list(id, filter, { before, limit: limit + 1 });
    const items = rows.slice(0, limit);
    const total = await this.#stores.audit.count(id, filter);
    return { items, total, next: rows.length > limit ? items.at(-1)?.id : undefined };
  }

  /** All of it, newest first, read as the reader takes it. */
  async *export(caller: Caller, filter: AuditFilter): AsyncGenerator<AuditRecord> {
    let before: number | undefined;
    for (;;) {
      const options = { before, limit: exportedAtOnce };
      const rows = await this.#stores.audit.list(caller.organization.id, filter, options);
      yield* rows;
      before = rows.at(-1)?.id;
      if (rows.length < exportedAtOnce) return;
    }
  }
}
