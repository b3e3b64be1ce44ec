/** An organization as its operator sees it. */
import type { Region, Tier } from './principal.ts';

export const tiers = ['starter', 'pro', 'enterprise'] as const satisfies readonly Tier[];
export const regions = ['global', 'eu'] as const satisfies readonly Region[];

/** Whom a first key serves: `/api` or `/v3`. */
export const keyStyles = ['role', 'sendgrid'] as const;
export type KeyStyle = (typeof keyStyles)[number];

export interface OrganizationLimits {
  readonly tier: Tier;
  readonly segmentIntegrationLimit: number;
  readonly region: Region;
}

export interface OrganizationRecord extends OrganizationLimits {
  readonly id: string;
  readonly userId: number;
  readonly username: string;
  readonly parentId: string | null;
  readonly integrations: number;
  /** Of either style; revoked and expired ones do not count. */
  readonly apiKeys: number;
  readonly createdAt: Date;
}
