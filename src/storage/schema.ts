/** The tables as Kysely sees them. The truth is in migrations/. */
import type { ColumnType, Generated } from 'kysely';
import type { Region } from '../core/principal.ts';

type Timestamp = ColumnType<Date, Date | undefined, Date>;
/** Written as JSON text; parsed at this edge when read. */
type Json = ColumnType<unknown, string, string>;

export interface Schema {
  migration: { id: number; name: string; breaking: boolean; applied_at: Generated<Date> };
  organization: {
    id: string;
    user_id: Generated<number>;
    username: string;
    email: string | null;
    parent_id: string | null;
    region: Region;
    segment_integration_limit: number;
    data_key: string;
    created_at: Timestamp;
  };
  api_key: {
    id: string;
    organization_id: string;
    secret_hash: string;
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
    created_at: Timestamp;
    updated_at: Timestamp;
  };
  credential: { integration_id: string; organization_id: string; sealed: string };
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
