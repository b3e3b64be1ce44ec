/** Event sources: made, changed and removed by those who may do so with integrations. */
import { auditEntry } from '../core/audit.ts';
import { AppError } from '../core/errors.ts';
import type { EventSource } from '../core/event-source.ts';
import { newEventSourceId } from '../core/ids.ts';
import type { Page, PageRequest } from '../core/page.ts';
import type { Caller } from '../core/principal.ts';
import type { EventSourceChange } from '../storage/event-source-store.ts';
import type { Stores } from '../storage/storage.ts';

export class EventSourceService {
  readonly #stores: Stores;

  constructor(stores: Stores) {
    this.#stores = stores;
  }

  /** Newest first. */
  async page(caller: Caller, request: PageRequest): Promise<Page<EventSource>> {
    return await this.#stores.eventSources.page(caller.organization.id, request);
  }

  /** @throws AppError event_source_not_found */
  async get(caller: Caller, id: string): Promise<EventSource> {
    return found(await this.#stores.eventSources.find(caller.organization.id, id));
  }

  async create(caller: Caller, wish: EventSourceChange): Promise<EventSource> {
    const source = { ...wish, id: newEventSourceId(), organizationId: caller.organization.id };
    return await this.#stores.transaction(async (stores) => {
      const created = await stores.eventSources.create(source);
      await stores.audit.append(entry(caller, 'event_source.created', created));
      return created;
    });
  }

  /**
   * What is undefined stays as it is. A new key is asked for by every process within a second of the answer.
   * @throws AppError event_source_not_found
   */
  async update(
    caller: Caller,
    id: string,
    change: { readonly [K in keyof EventSourceChange]?: EventSourceChange[K] | undefined },
  ): Promise<EventSource> {
    const { id: organizationId } = caller.organization;
    return await this.#stores.transaction(async (stores) => {
      const current = found(await stores.eventSources.lock(organizationId, id));
      const next = {
        name: change.name ?? current.name,
        publicKey: change.publicKey === undefined ? current.publicKey : change.publicKey,
      };
      if (next.name === current.name && next.publicKey === current.publicKey) return current;
      const updated = found(await stores.eventSources.update(organizationId, id, next));
      await stores.audit.append(entry(caller, 'event_source.updated', updated));
      return updated;
    });
  }

  /** Within a second of the answer no process takes anything from it any more. @throws AppError event_source_not_found */
  async delete(caller: Caller, id: string): Promise<EventSource> {
    return await this.#stores.transaction(async (stores) => {
      const deleted = found(await stores.eventSources.delete(caller.organization.id, id));
      await stores.audit.append(entry(caller, 'event_source.deleted', deleted));
      return deleted;
    });
  }
}

function found(source: EventSource | undefined): EventSource {
  if (source === undefined) throw new AppError({ code: 'event_source_not_found' });
  return source;
}

function entry(
  caller: Caller,
  action: 'event_source.created' | 'event_source.updated' | 'event_source.deleted',
  { id, name, publicKey }: EventSource,
) {
  return auditEntry(caller, action, { type: 'event_source', id }, { name, signed: publicKey !== null });
}
