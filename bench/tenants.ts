/** The tenants that a run needs: made through the API, as customers' are, before anything is measured. */
import { createIntegration, createTenant, type Tenant } from '../test/support/tenants.ts';

export interface Account {
  readonly url: string;
  /** The parent's key, of full access. */
  readonly key: string;
}

/** A tenant whose integrations have real credentials, so that they can be read. */
export interface ReadTenant extends Tenant {
  readonly ids: readonly [string, ...string[]];
}

export async function createTenants(account: Account, count: number): Promise<Tenant[]> {
  const tenants: Tenant[] = [];
  while (tenants.length < count) tenants.push(await createTenant(account));
  return tenants;
}

export async function createReadTenants(
  account: Account,
  { count, integrations }: { readonly count: number; readonly integrations: number },
): Promise<ReadTenant[]> {
  const readers: ReadTenant[] = [];
  for (const tenant of await createTenants(account, count)) {
    const first = await createIntegration(account, tenant.key);
    const others: string[] = [];
    while (others.length < integrations - 1) others.push(await createIntegration(account, tenant.key));
    readers.push({ ...tenant, ids: [first, ...others] });
  }
  return readers;
}
