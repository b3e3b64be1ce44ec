-- Sessions of people in a browser. What a session may do is looked up with every request, never kept here: a key that
-- is revoked, has expired or has another role opens nothing any more.

create table session (
  -- SHA-256 of the token in the cookie
  token_hash text primary key,
  sign_in text not null check (sign_in in ('api_key', 'openid_connect')),
  -- whom the identity provider vouched for; with keys, each key has a user of its own
  user_id text,
  user_name text,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  check ((sign_in = 'openid_connect') = (user_id is not null))
);
create index session_expiry on session (expires_at);

create table session_organization (
  token_hash text not null references session on delete cascade,
  organization_id text not null references organization on delete cascade,
  -- as it was at the sign-in
  role text not null check (role in ('admin', 'agent_manager', 'user')),
  -- the key that was signed in with, if it was a key
  api_key_id text references api_key on delete cascade,
  added_at timestamptz not null default clock_timestamp(),
  primary key (token_hash, organization_id)
);
create index session_organization_key on session_organization (api_key_id) where api_key_id is not null;
create index session_organization_organization on session_organization (organization_id);
