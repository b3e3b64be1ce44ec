-- Organizations, their API keys, integrations with sealed credentials, and the audit log.

create table organization (
  id text primary key check (id ~ '^org_[A-Za-z0-9]{1,64}$'),
  user_id bigint generated always as identity (start with 10001) unique,
  username text not null,
  email text,
  parent_id text references organization,
  region text not null check (region in ('global', 'eu')),
  segment_integration_limit integer not null check (segment_integration_limit >= 0),
  -- the organization's data key, wrapped by a master key (compact JWE)
  data_key text not null,
  created_at timestamptz not null default now()
);
-- a name is unique below one parent: an account cannot find out whose names another one has taken
create unique index organization_username on organization (coalesce(parent_id, ''), username);

create table api_key (
  -- the public part of the key
  id text primary key,
  organization_id text not null references organization,
  secret_hash text not null,
  name text not null,
  full_access boolean not null,
  scopes text[] not null,
  created_at timestamptz not null default now(),
  last_used_at timestamptz
);
create index api_key_organization on api_key (organization_id, created_at, id);

create table integration (
  id text primary key check (id ~ '^intg_[0-9a-f]{12}$'),
  organization_id text not null references organization,
  provider text not null,
  name text not null,
  email_events text[] not null,
  settings jsonb not null,
  version bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- what refers to an integration names its organization too, so that no reference crosses tenants
  unique (organization_id, id)
);
create index integration_newest on integration (organization_id, created_at, id);

create table credential (
  integration_id text primary key,
  organization_id text not null,
  -- compact JWE under the organization's data key, bound to this row
  sealed text not null,
  -- restrict, not cascade: whoever removes an integration says that the credentials go with it
  foreign key (organization_id, integration_id) references integration (organization_id, id) on delete restrict
);

create table audit_entry (
  id bigint generated always as identity primary key,
  organization_id text not null references organization,
  at timestamptz not null default now(),
  actor_type text not null,
  actor_id text not null,
  actor_organization_id text not null,
  request_id text not null,
  action text not null,
  target_type text not null,
  target_id text not null,
  details jsonb not null
);
create index audit_entry_newest on audit_entry (organization_id, id desc);
create index audit_entry_target on audit_entry (organization_id, target_id, id desc);
