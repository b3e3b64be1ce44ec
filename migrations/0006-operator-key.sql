-- The key of whoever runs the server: one row at most.

create table operator_key (
  single boolean primary key default true check (single),
  -- SHA-256 in base64url; the key itself is stored nowhere
  secret_hash text not null,
  created_at timestamptz not null default now()
);
