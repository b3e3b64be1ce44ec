/** The tables as Kysely sees them. The truth is in migrations/. */
import type { ColumnType, Generated } from 'kysely';
import type { Region, Tier } from '../core/principal.ts';
import type { Role } from '../core/roles.ts';
import type { SignInKind } from '../core/session.ts';

type Timestamp = ColumnType<Date, Date | undefined, Date>;
/** Written as JSON text; parsed at this edge when read. */
type Json = ColumnType<unknown, string, string>;

export interface Schema {
  migration: { id: number; name: string; breaking: boolean; applied_at: Generated<Date> };
  operator_key: { single: Generated<boolean>; secret_hash: string; created_at: Generated<Date> };
  organization: {
    id: string;
    user_id: Generated<number>;
    username: string;
    email: string | null;
    parent_id: string | null;
    region: Region;
    segment_integration_limit: number;
    data_key: string;
    tier: Generated<Tier>;
    created_at: Timestamp;
  };
  api_key: {
    id: string;
    organization_id: string;
    secret_hash: string;
    style: Generated<'sendgrid' | 'role'>;
    lookup: string;
    role: Role | null;
    prefix: string | null;
    user_id: string | null;
    expires_at: Date | null;
    revoked_at: Date | null;
    name: string;
    full_access: boolean;
    scopes: string[];
    created_at: Timestamp;
    last_used_at: Date | null;
  };
  integration: {
    id: string;
    organization_id: string;
    provider: string;
    name: string;
    email_events: string[];
    settings: Json;
    version: Generated<number>;
    status: Generated<string>;
    verify_at: Date | null;
    verify_attempt: Generated<number>;
    verify_lease_until: Date | null;
    verify_owner: string | null;
    created_at: Timestamp;
    updated_at: Timestamp;
  };
  credential: { integration_id: string; organization_id: string; sealed: string };
  phone_number: {
    id: string;
    organization_id: string;
    phone_number: string;
    provider: string;
    supports_inbound: boolean;
    supports_outbound: boolean;
    integration_id: string | null;
    assigned_agent_id: string | null;
    sip: Json | null;
    sealed: string | null;
    created_at: Timestamp;
    updated_at: Timestamp;
  };
  idempotency_key: {
    organization_id: string;
    actor_id: string;
    method: string;
    path: string;
    key: string;
    fingerprint: string;
    sealed: string | null;
    created_at: Timestamp;
  };
  event_source: {
    id: string;
    organization_id: string;
    name: string;
    kind: 'sendgrid';
    public_key: string | null;
    created_at: Timestamp;
    updated_at: Timestamp;
  };
  session: {
    token_hash: string;
    id: Generated<string>;
    sign_in: SignInKind;
    user_id: string | null;
    user_name: string | null;
    created_at: Timestamp;
    expires_at: Date;
  };
  audit_entry: {
    id: Generated<number>;
    organization_id: string;
    at: Timestamp;
    actor_type: string;
    actor_id: string;
    actor_organization_id: string;
    request_id: string;
    action: string;
    target_type: string;
    target_id: string;
    details: Json;
  };
}
