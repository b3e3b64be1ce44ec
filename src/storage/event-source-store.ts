/** Event sources: where an organization's email events come in. */
import type { Kysely } from 'kysely';
import type { EventSource } from '../core/event-source.ts';
import { cutPage, type Page, type PageRequest } from '../core/page.ts';
import type { Schema } from './schema.ts';

export type EventSourceChange = Pick<EventSource, 'name' | 'publicKey'>;

export class EventSourceStore {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  async create({ id, organizationId, name, publicKey }: Omit<EventSource, 'createdAt' | 'updatedAt'>) {
    const row = await this.#db
      .insertInto('event_source')
      .values({ id, organization_id: organizationId, name, kind: 'sendgrid', public_key: publicKey })
      .returningAll()
      .executeTakeFirstOrThrow();
    return toEventSource(row);
  }

  /** Whoever posts events names nothing but the source. */
  async findAnywhere(id: string): Promise<EventSource | undefined> {
    const row = await this.#db.selectFrom('event_source').selectAll().where('id', '=', id).executeTakeFirst();
    return row && toEventSource(row);
  }

  async find(organizationId: string, id: string): Promise<EventSource | undefined> {
    const row = await this.#of(organizationId).where('id', '=', id).executeTakeFirst();
    return row && toEventSource(row);
  }

  /** As find, and held until the transaction ends: nobody else changes it meanwhile. */
  async lock(organizationId: string, id: string): Promise<EventSource | undefined> {
    const row = await this.#of(organizationId).where('id', '=', id).forUpdate().executeTakeFirst();
    return row && toEventSource(row);
  }

  /** Newest first. */
  async page(organizationId: string, { limit, after }: PageRequest): Promise<Page<EventSource>> {
    const rows = await this.#of(organizationId)
      .$if(after !== undefined, (query) =>
        query.where((expression) =>
          expression(
            expression.refTuple('created_at', 'id'),
            '<',
            expression.tuple(after?.createdAt ?? new Date(0), after?.id ?? ''),
          ),
        ),
      )
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute();
    const { count } = await this.#db
      .selectFrom('event_source')
      .select((select) => select.fn.countAll<number>().as('count'))
      .where('organization_id', '=', organizationId)
      .executeTakeFirstOrThrow();
    return cutPage(rows.map(toEventSource), limit, count, (each) => each);
  }

  async update(organizationId: string, id: string, { name, publicKey }: EventSourceChange) {
    const row = await this.#db
      .updateTable('event_source')
      .set({ name, public_key: publicKey, updated_at: new Date() })
      .where('organization_id', '=', organizationId)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst();
    return row && toEventSource(row);
  }

  async delete(organizationId: string, id: string): Promise<EventSource | undefined> {
    const row = await this.#db
      .deleteFrom('event_source')
      .where('organization_id', '=', organizationId)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst();
    return row && toEventSource(row);
  }

  #of(organizationId: string) {
    return this.#db.selectFrom('event_source').selectAll().where('organization_id', '=', organizationId);
  }
}

interface Row {
  readonly id: string;
  readonly organization_id: string;
  readonly name: string;
  readonly public_key: string | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

function toEventSource(row: Row): EventSource {
  return {
    id: row.id,
    organizationId: row.organization_id,
    name: row.name,
    publicKey: row.public_key,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
