/** Phone numbers, and through their foreign key the answer to what still refers to an integration. */
import type { Kysely } from 'kysely';
import { z } from 'zod';
import { cutPage, type Page, type PageRequest } from '../core/page.ts';
import {
  type IntegrationUse,
  namedPhoneNumbers,
  type PhoneNumber,
  phoneNumberProviders,
} from '../core/phone-number.ts';
import type { Schema } from './schema.ts';
import { statement } from './statement.ts';

export interface NewPhoneNumber
  extends Omit<PhoneNumber, 'createdAt' | 'updatedAt' | 'assignedAgentId' | 'outboundReady'> {
  /** JSON of what is not secret of a SIP trunk. */
  readonly sip: string | null;
  /** Compact JWE of what is secret of it. */
  readonly sealed: string | null;
}

export type PhoneNumberChange = Pick<
  PhoneNumber,
  'supportsInbound' | 'supportsOutbound' | 'integrationId' | 'assignedAgentId'
>;

export interface PhoneNumberFilter {
  readonly status: 'free' | 'assigned' | undefined;
  readonly integrationId: string | undefined;
}

const columns = `id, organization_id, phone_number, provider, supports_inbound, supports_outbound, integration_id,
    assigned_agent_id, sip, created_at, updated_at`;

const matches = `organization_id = $1 and ($2::boolean is null or (assigned_agent_id is not null) = $2)
    and ($3::text is null or integration_id = $3)`;

const page = statement<Row, [string, boolean | null, string | null, Date | null, string | null, number]>(`
  select ${columns} from phone_number
  where ${matches} and ($4::timestamptz is null or (created_at, id) < ($4::timestamptz, $5::text))
  order by created_at desc, id desc
  limit $6`);

const countFiltered = statement<{ readonly count: number }, [string, boolean | null, string | null]>(
  `select count(*) as count from phone_number where ${matches}`,
);

/** `unique (phone_number)` spans all organizations: whoever comes second is told so, not by whom. */
const insert = statement<
  Row,
  [string, string, string, string, boolean, boolean, string | null, string | null, string | null]
>(`
  insert into phone_number (id, organization_id, phone_number, provider, supports_inbound, supports_outbound,
    integration_id, sip, sealed)
  values ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9)
  on conflict (phone_number) do nothing
  returning ${columns}`);

const update = statement<Row, [string, string, boolean, boolean, string | null, string | null]>(`
  update phone_number
  set supports_inbound = $3, supports_outbound = $4, integration_id = $5, assigned_agent_id = $6, updated_at = now()
  where organization_id = $1 and id = $2
  returning ${columns}`);

/** The first numbers of each integration, sorted as text, and how many there are. Both from one index. */
const uses = statement<UseRow, [string, readonly string[], number]>(`
  select wanted.id as integration_id, total.count as total, first.numbers
  from unnest($2::text[]) as wanted (id)
  cross join lateral (
    select count(*) as count from phone_number where organization_id = $1 and integration_id = wanted.id
  ) total
  cross join lateral (
    select array_agg(phone_number order by phone_number) as numbers
    from (
      select phone_number from phone_number
      where organization_id = $1 and integration_id = wanted.id
      order by phone_number limit $3
    ) p
  ) first
  where total.count > 0
  order by wanted.id`);

/** Moves every number of some integrations to another one, and says so in the audit log, number by number. */
const moveAll = statement<
  { readonly moved: number },
  [string, readonly string[], string, string, string, string, string]
>(`
  with moved as (
    update phone_number p set integration_id = $3, updated_at = now()
    from (
      select id, integration_id from phone_number
      where organization_id = $1 and integration_id = any ($2::text[])
      order by id for update
    ) before
    where p.id = before.id
    returning p.id, p.phone_number, p.provider, before.integration_id as from_integration
  ), noted as (
    insert into audit_entry (organization_id, actor_type, actor_id, actor_organization_id, request_id, action,
      target_type, target_id, details)
    select $1, $4, $5, $6, $7, 'phone_number.reassigned', 'phone_number', id,
      jsonb_build_object('phone_number', phone_number, 'provider', provider, 'integration_id', $3::text,
        'from', from_integration, 'to', $3::text)
    from moved
  )
  select count(*) as moved from moved`);

export class PhoneNumberStore {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** Newest first. */
  async page(
    organizationId: string,
    { status, integrationId }: PhoneNumberFilter,
    { limit, after }: PageRequest,
  ): Promise<Page<PhoneNumber>> {
    const assigned = status === undefined ? null : status === 'assigned';
    const integration = integrationId ?? null;
    const from = after?.createdAt ?? null;
    const rows = await page(
      this.#db,
      organizationId,
      assigned,
      integration,
      from,
      after?.id ?? null,
      limit + 1,
    );
    const [total] = await countFiltered(this.#db, organizationId, assigned, integration);
    return cutPage(rows.map(toPhoneNumber), limit, total?.count ?? 0, (each) => each);
  }

  async find(organizationId: string, id: string): Promise<PhoneNumber | undefined> {
    const row = await this.#select(organizationId, id).executeTakeFirst();
    return row && toPhoneNumber(row);
  }

  /** Inside a transaction: nobody else changes it until the transaction ends. */
  async lock(organizationId: string, id: string): Promise<PhoneNumber | undefined> {
    const row = await this.#select(organizationId, id).forUpdate().executeTakeFirst();
    return row && toPhoneNumber(row);
  }

  /** @returns undefined where the number is in the system already. */
  async insert(number: NewPhoneNumber): Promise<PhoneNumber | undefined> {
    const rows = await insert(
      this.#db,
      number.id,
      number.organizationId,
      number.phoneNumber,
      number.provider,
      number.supportsInbound,
      number.supportsOutbound,
      number.integrationId,
      number.sip,
      number.sealed,
    );
    return rows.map(toPhoneNumber)[0];
  }

  /** Inside a transaction that holds the row. */
  async update({ organizationId, id }: PhoneNumber, change: PhoneNumberChange): Promise<PhoneNumber> {
    const { supportsInbound, supportsOutbound, integrationId, assignedAgentId } = change;
    const [row] = await update(
      this.#db,
      organizationId,
      id,
      supportsInbound,
      supportsOutbound,
      integrationId,
      assignedAgentId,
    );
    if (row === undefined) throw new Error(`phone number ${id} is gone although it is locked`);
    return toPhoneNumber(row);
  }

  /** @returns the number that is gone, or undefined where there was none. */
  async delete(organizationId: string, id: string): Promise<PhoneNumber | undefined> {
    const row = await this.#db
      .deleteFrom('phone_number')
      .where('organization_id', '=', organizationId)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst();
    return row && toPhoneNumber(row);
  }

  /** What refers to each of the integrations; those that nothing refers to are left out. By integration id. */
  async usesOf(
    organizationId: string,
    integrationIds: readonly string[],
  ): Promise<readonly IntegrationUse[]> {
    const rows = await uses(this.#db, organizationId, integrationIds, namedPhoneNumbers);
    return rows.map((row) => ({
      integrationId: row.integration_id,
      phoneNumbers: row.numbers ?? [],
      total: row.total,
    }));
  }

  /** Inside a transaction that holds all the integrations. @returns how many numbers were moved. */
  async moveAll({ organizationId, from, to, actor, requestId }: Move): Promise<number> {
    const rows = await moveAll(
      this.#db,
      organizationId,
      from,
      to,
      actor.type,
      actor.id,
      actor.organizationId,
      requestId,
    );
    return rows[0]?.moved ?? 0;
  }

  #select(organizationId: string, id: string) {
    return this.#db
      .selectFrom('phone_number')
      .selectAll()
      .where('organization_id', '=', organizationId)
      .where('id', '=', id);
  }
}

export interface Move {
  readonly organizationId: string;
  readonly from: readonly string[];
  readonly to: string;
  readonly actor: { readonly type: string; readonly id: string; readonly organizationId: string };
  readonly requestId: string;
}

interface Row {
  readonly id: string;
  readonly organization_id: string;
  readonly phone_number: string;
  readonly provider: string;
  readonly supports_inbound: boolean;
  readonly supports_outbound: boolean;
  readonly integration_id: string | null;
  readonly assigned_agent_id: string | null;
  readonly sip: unknown;
  readonly created_at: Date;
  readonly updated_at: Date;
}

interface UseRow {
  readonly integration_id: string;
  readonly total: number;
  readonly numbers: readonly string[] | null;
}

const provider = z.enum(phoneNumberProviders);
const ready = z.object({ outbound_ready: z.literal(true) });

function toPhoneNumber(row: Row): PhoneNumber {
  return {
    id: row.id,
    organizationId: row.organization_id,
    phoneNumber: row.phone_number,
    provider: provider.parse(row.provider),
    supportsInbound: row.supports_inbound,
    supportsOutbound: row.supports_outbound,
    integrationId: row.integration_id,
    assignedAgentId: row.assigned_agent_id,
    // what is not a SIP trunk needs nothing more
    outboundReady: row.sip === null || ready.safeParse(row.sip).success,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
