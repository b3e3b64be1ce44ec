/**
 * Integrations that exist only to be deleted, written past Jackfield. A delete never opens the credentials, so any
 * text of a sealed value's length stands for them.
 */
import type { PostgresPool } from 'kysely';
import { newIntegrationId } from '../src/core/ids.ts';

/** Of a sealed Segment write key. */
const sealedLength = 280;
const rowsPerStatement = 10_000;

const insertIntegrations = `
  insert into integration (id, organization_id, provider, name, email_events, settings)
  select id, $1, 'segment', 'Untitled Integration', '{open,click}', '{"destination_region": "EU"}'
  from unnest($2::text[]) as seed (id)`;
const insertCredentials = `
  insert into credential (integration_id, organization_id, sealed)
  select id, $1, repeat('x', ${sealedLength}) from unnest($2::text[]) as seed (id)`;

/**
 * Foreign keys are not checked meanwhile: on tables that the planner has no figures of yet, each check would read
 * all of the organization's rows. @returns the new ids, in no order.
 */
export async function seedIntegrations(
  pool: PostgresPool,
  organizationId: string,
  count: number,
): Promise<string[]> {
  const ids = Array.from({ length: count }, newIntegrationId);
  await run(pool, 'set session_replication_role = replica', []);
  for (let start = 0; start < count; start += rowsPerStatement) {
    const part = ids.slice(start, start + rowsPerStatement);
    await run(pool, insertIntegrations, [organizationId, part]);
    await run(pool, insertCredentials, [organizationId, part]);
  }
  await run(pool, 'reset session_replication_role', []);
  return ids;
}

const insertNumbers = `
  insert into phone_number (id, organization_id, phone_number, provider, supports_inbound, supports_outbound,
    integration_id)
  select 'phon_' || lpad(to_hex(n), 12, '0'), $1, '+49' || (7000000 + n), 'twilio', true, true, $2
  from generate_series($3::integer, $4::integer) n`;

/** Numbers that refer to an integration. Their own digits tell them apart: `first` must be new. */
export async function seedNumbers(
  pool: PostgresPool,
  organizationId: string,
  {
    integrationId,
    first,
    count,
  }: { readonly integrationId: string; readonly first: number; readonly count: number },
): Promise<void> {
  await run(pool, insertNumbers, [organizationId, integrationId, first, first + count - 1]);
}

/** The organization of a user id, as the API shows it. */
export async function findOrganization(pool: PostgresPool, userId: number): Promise<string> {
  const [row] = await run<{ id: string }>(pool, 'select id from organization where user_id = $1', [userId]);
  if (row === undefined) throw new Error(`no organization has the user id ${userId}`);
  return row.id;
}

/** Brings the planner's figures up to date and writes everything out, so that neither happens while measuring. */
export async function settle(pool: PostgresPool): Promise<void> {
  await run(pool, 'vacuum analyze', []);
  await run(pool, 'checkpoint', []);
}

async function run<Row>(
  pool: PostgresPool,
  sql: string,
  parameters: readonly unknown[],
): Promise<readonly Row[]> {
  const client = await pool.connect();
  try {
    return (await client.query<Row>(sql, parameters)).rows;
  } finally {
    client.release();
  }
}
