/** What the race looks at in the database itself, past Jackfield. */
import { isDeepStrictEqual } from 'node:util';
import pg from 'pg';
import { expect, vi } from 'vitest';
import { z } from 'zod';
import type { State } from './model.ts';
import type { Ending } from './order.ts';

export interface Subjects {
  readonly integrationIds: readonly string[];
  readonly phoneNumbers: readonly string[];
  /** What audit entries may be about, besides the integrations. */
  readonly numberIds: readonly string[];
  readonly requestIds: readonly string[];
}

const integrationRow = z
  .object({ id: z.string(), name: z.string(), version: z.number() })
  .transform(({ id, name, version }) => [id, { name, version }] as const);
const numberRow = z
  .object({ id: z.string(), phone_number: z.string(), integration_id: z.string() })
  .transform(
    (row) => [row.id, { phoneNumber: row.phone_number, integrationId: row.integration_id }] as const,
  );
const entryRow = z
  .object({ target: z.string(), requestId: z.string(), action: z.string(), details: z.unknown() })
  .transform(({ details, ...row }) => ({ ...row, text: describe(row.action, details) }))
  .transform(({ target, requestId, text }) => ({ target, requestId, text }));

/** Rows that belong together and are not; a single look, so true at any time. */
const orphans = `
  select
    (select count(*) from phone_number p left join integration i on i.id = p.integration_id
      where p.integration_id is not null and i.id is null)::int as dangling_numbers,
    (select count(*) from credential c left join integration i on i.id = c.integration_id
      where i.id is null)::int as credentials_alone,
    (select count(*) from integration i left join credential c on c.integration_id = i.id
      where c.integration_id is null)::int as integrations_alone`;
const noOrphans = { dangling_numbers: 0, credentials_alone: 0, integrations_alone: 0 };

const deletions = `
  select (select count(*) from integration)::int as integrations,
    (select count(*) from phone_number)::int as numbers,
    count(*)::int as deletions, count(distinct target_id)::int as deleted
  from audit_entry where action = 'integration.deleted'`;
const totals = z.object({
  integrations: z.number(),
  numbers: z.number(),
  deletions: z.number(),
  deleted: z.number(),
});

export class RaceDatabase implements AsyncDisposable {
  readonly #pool: pg.Pool;
  readonly #organizationId: string;

  constructor(url: string, organizationId: string) {
    this.#pool = new pg.Pool({ connectionString: url, max: 4 });
    this.#organizationId = organizationId;
  }

  /** When nothing is under way. */
  async ending(subjects: Subjects): Promise<Ending> {
    const { integrationIds, phoneNumbers, numberIds, requestIds } = subjects;
    const targets = [...integrationIds, ...numberIds];
    const [integrations, numbers, entries] = await Promise.all([
      this.#rows('select id, name, version::int from integration where id = any ($1)', integrationIds),
      this.#rows(
        'select id, phone_number, integration_id from phone_number where phone_number = any ($1)',
        phoneNumbers,
      ),
      this.#rows(
        `select target_id as target, request_id as "requestId", action, details from audit_entry
        where organization_id = $2 and target_id = any ($1) and request_id = any ($3) order by id`,
        targets,
        this.#organizationId,
        requestIds,
      ),
    ]);
    const state: State = {
      integrations: new Map(z.array(integrationRow).parse(integrations)),
      numbers: new Map(z.array(numberRow).parse(numbers)),
    };
    return { state, entries: z.array(entryRow).parse(entries) };
  }

  /** At any time. @throws where a number refers to nothing, or an integration and its credentials are not together. */
  async requireNoOrphans(): Promise<void> {
    const [found] = await this.#rows(orphans);
    if (!isDeepStrictEqual({ ...found }, noOrphans)) throw new Error(`orphans: ${JSON.stringify(found)}`);
  }

  async totals(): Promise<z.output<typeof totals>> {
    return totals.parse((await this.#rows(deletions))[0]);
  }

  /**
   * Counted by PostgreSQL itself: Jackfield would repeat a transaction that a deadlock has ended, and hide it. Sessions
   * report what they counted when they end.
   */
  async deadlocks(): Promise<unknown> {
    const sessions =
      "select from pg_stat_activity where datname = current_database() and application_name = 'jackfield'";
    await vi.waitFor(async () => expect(await this.#rows(sessions)).toEqual([]), { timeout: 10_000 });
    const text = 'select deadlocks::int from pg_stat_database where datname = current_database()';
    return (await this.#rows(text))[0]?.['deadlocks'];
  }

  /** How many of them still wait to be verified. A removal elsewhere waits for verifications under way. */
  async unverified(ids: readonly string[]): Promise<number> {
    const text = 'select from integration where id = any ($1) and verify_at is not null';
    return (await this.#rows(text, ids)).length;
  }

  async #rows(text: string, ...values: unknown[]): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return (await this.#pool.query(text, values)).rows;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.end();
  }
}

const text = z.string().optional();
const details = z.object({
  from: text,
  to: text,
  replaced_with: text,
  name: text,
  integration_id: text,
  credentials_replaced: z.boolean().optional(),
});

/** In the words of the model. */
function describe(action: string, unparsed: unknown): string {
  const { from, to, replaced_with: replacement = '', ...rest } = details.parse(unparsed);
  switch (action) {
    case 'phone_number.reassigned':
      return `${action} ${from} ${to}`;
    case 'integration.deleted':
      return `${action} ${replacement}`;
    case 'integration.updated':
      return `${action} ${rest.name} ${rest.credentials_replaced}`;
    default:
      return `${action} ${rest.integration_id}`;
  }
}
