-- Role keys, phone numbers that refer to integrations, background verification, and stored answers.

alter table organization add column tier text not null default 'enterprise'
  check (tier in ('starter', 'pro', 'enterprise'));

alter table api_key
  add column style text not null default 'sendgrid' check (style in ('sendgrid', 'role')),
  -- the public part of the key as it is presented: what a key is looked up by
  add column lookup text,
  add column role text check (role in ('admin', 'agent_manager', 'user')),
  add column prefix text,
  add column user_id text,
  add column expires_at timestamptz,
  add column revoked_at timestamptz;
update api_key set lookup = id;
alter table api_key
  alter column lookup set not null,
  add unique (lookup),
  add check ((style = 'role') = (role is not null));

-- Pages are cut by (created_at, id); a cursor holds milliseconds, so the column must not hold more.
update integration set created_at = date_trunc('milliseconds', created_at);
alter table integration
  alter column created_at set default date_trunc('milliseconds', clock_timestamp()),
  add column status text not null default 'active' check (status in ('active', 'invalid_credentials')),
  -- when the credentials are to be verified next; null: nothing to verify
  add column verify_at timestamptz,
  add column verify_attempt integer not null default 0,
  -- until then the named process may begin a request with the credentials; a delete waits for it
  add column verify_lease_until timestamptz,
  add column verify_owner text;
create index integration_verification on integration (verify_at) where verify_at is not null;

create table phone_number (
  id text primary key check (id ~ '^phon_[0-9a-f]{12}$'),
  organization_id text not null references organization,
  phone_number text not null unique check (phone_number ~ '^\+[1-9][0-9]{6,14}$'),
  provider text not null check (provider in ('twilio', 'sip')),
  supports_inbound boolean not null,
  supports_outbound boolean not null,
  integration_id text,
  assigned_agent_id text,
  -- of a SIP trunk, what is not secret
  sip jsonb,
  -- of a SIP trunk, its password and pin: compact JWE bound to this row
  sealed text,
  created_at timestamptz not null default date_trunc('milliseconds', clock_timestamp()),
  updated_at timestamptz not null default now(),
  check ((provider = 'twilio') = (integration_id is not null)),
  -- this key, not the program, decides whether an integration may go: import, reassign and delete have one winner
  constraint phone_number_integration foreign key (organization_id, integration_id)
    references integration (organization_id, id) on delete restrict
);
create index phone_number_integration on phone_number (organization_id, integration_id, phone_number);
create index phone_number_newest on phone_number (organization_id, created_at desc, id desc);

-- The answer that a repeated write gets. Inserted first in the transaction it belongs to: a second request with the
-- same key waits there until the first one has committed or gone.
create table idempotency_key (
  organization_id text not null references organization,
  actor_id text not null,
  method text not null,
  path text not null,
  key text not null,
  -- HMAC of the request under the organization's key
  fingerprint text not null,
  -- compact JWE of status, headers and body; null only inside the transaction that is at work
  sealed text,
  created_at timestamptz not null default clock_timestamp(),
  primary key (organization_id, actor_id, method, path, key)
);
create index idempotency_key_age on idempotency_key (created_at);
