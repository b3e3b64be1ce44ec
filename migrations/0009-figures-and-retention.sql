-- Retention that keeps nobody waiting, and figures that are kept by the minute.

-- As before, but attached: a table that is made as a partition waits for everybody who reads the log, and everybody
-- else for it.
create or replace function create_event_partition(day date) returns void language plpgsql as $$
declare
  name text := 'event_' || to_char(day, 'YYYYMMDD');
begin
  perform pg_advisory_xact_lock(7242002);
  if to_regclass(name) is null then
    execute format('create table %I (like event including all)', name);
    execute format('alter table event attach partition %I for values from (%L) to (%L)', name,
      day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC');
  end if;
end $$;

-- What an organization's charts show of each minute. Events are counted with the append that brings them, per kind as
-- in event_head; batches afterwards, from the attempts.
create table organization_minute (
  organization_id text not null references organization,
  at timestamptz not null,
  received bigint[] not null default array_fill(0::bigint, array[14]),
  forwarded bigint not null default 0,
  rejected bigint not null default 0,
  retried bigint not null default 0,
  primary key (organization_id, at)
) with (fillfactor = 50);
create index organization_minute_age on organization_minute (at);

-- The same of one integration, and how long its requests took: so many took so many milliseconds, to within 3 %.
create table integration_minute (
  integration_id text not null,
  organization_id text not null,
  at timestamptz not null,
  forwarded bigint not null,
  rejected bigint not null,
  retried bigint not null,
  latency_ms integer[] not null,
  requests integer[] not null,
  primary key (integration_id, at)
);
create index integration_minute_age on integration_minute (at);

-- Attempts from before this time are in the minutes; figures of later ones are counted from the attempts.
create table figures_until (
  single boolean primary key default true check (single),
  at timestamptz not null
);
insert into figures_until (at) select date_trunc('minute', coalesce(min(at), now())) from delivery_attempt;

insert into organization_minute (organization_id, at, received)
select organization_id, minute, array(
    select coalesce(sum(count) filter (where kind = k), 0)::bigint from unnest(kinds, counts) as x (kind, count)
      right join generate_series(0, 13) k on kind = k group by k order by k
  )
from (
  select organization_id, minute, array_agg(kind) as kinds, array_agg(count) as counts
  from (
    select organization_id, date_trunc('minute', accepted_at) as minute, kind, count(*) as count
    from event group by 1, 2, 3
  ) counted
  group by 1, 2
) kept;

-- Only the latest attempts are still counted one by one.
drop index delivery_attempt_integration;
drop index delivery_attempt_organization;
create index delivery_attempt_integration on delivery_attempt (integration_id, at);
create index delivery_attempt_organization on delivery_attempt (organization_id, at);

-- what retention looks for
create index dead_letter_age on dead_letter (at);
