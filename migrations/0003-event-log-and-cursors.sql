-- Event sources, the event log with positions per organization, cursors over it, dead letters and attempts.

create table event_source (
  id text primary key check (id ~ '^src_[0-9a-f]{32}$'),
  organization_id text not null references organization,
  name text not null,
  kind text not null check (kind in ('sendgrid')),
  -- base64 of the SPKI; null: signatures are not checked
  public_key text,
  created_at timestamptz not null default date_trunc('milliseconds', clock_timestamp()),
  updated_at timestamptz not null default now()
);
create index event_source_newest on event_source (organization_id, created_at desc, id desc);

-- The end of each organization's log. A table of its own: appending waits for nobody who holds the organization.
-- totals[k + 1] counts the events of kind k so far, so that counting what waits never reads the log.
create table event_head (
  organization_id text primary key references organization,
  position bigint not null default 0,
  totals bigint[] not null default array_fill(0::bigint, array[14])
) with (fillfactor = 50);
insert into event_head (organization_id) select id from organization;

-- One row an event. A day is a partition, and retention drops it whole.
create table event (
  organization_id text not null,
  position bigint not null,
  kind smallint not null,
  accepted_at timestamptz not null,
  sg_event_id text not null,
  payload text not null
) partition by range (accepted_at);
create index event_position on event (organization_id, position);
create index event_sg_event_id on event using hash (sg_event_id);

-- Creates the partition of a day where it is missing. Two processes may ask at once.
create function create_event_partition(day date) returns void language plpgsql as $$
begin
  perform pg_advisory_xact_lock(7242002);
  if to_regclass('event_' || to_char(day, 'YYYYMMDD')) is null then
    execute format('create table %I partition of event for values from (%L) to (%L)',
      'event_' || to_char(day, 'YYYYMMDD'), day::timestamp at time zone 'UTC',
      (day + 1)::timestamp at time zone 'UTC');
  end if;
end $$;

-- Where one integration stands in the log: `live` follows its end, `replay` ends at a position.
create table delivery_cursor (
  id bigint generated always as identity primary key,
  integration_id text not null,
  organization_id text not null references organization,
  kind text not null check (kind in ('live', 'replay')),
  -- everything up to here is settled
  position bigint not null,
  -- per kind, how many events there were up to here; exact for the kinds of the filter in force
  totals bigint[] not null,
  end_position bigint,
  end_totals bigint[],
  -- of a replay: these events alone; null: all that the filter wants
  only_positions bigint[],
  paused boolean not null default false,
  attempt integer not null default 0,
  next_attempt_at timestamptz,
  lease_owner text,
  lease_until timestamptz,
  -- raised by every claim: what a former holder still says then touches no row
  generation bigint not null default 0,
  last_success_at timestamptz,
  last_error text,
  last_error_at timestamptz,
  -- events that retention dropped before they were sent
  missed bigint not null default 0,
  foreign key (organization_id, integration_id) references integration (organization_id, id) on delete restrict,
  check ((kind = 'replay') = (end_position is not null))
) with (fillfactor = 50);
create unique index delivery_cursor_live on delivery_cursor (integration_id) where kind = 'live';
create index delivery_cursor_integration on delivery_cursor (integration_id);
create index delivery_cursor_organization on delivery_cursor (organization_id);

-- Which kinds a cursor wants from a position on. A change of a filter applies to events accepted after it.
create table cursor_filter (
  cursor_id bigint not null references delivery_cursor on delete cascade,
  from_position bigint not null,
  kinds smallint[] not null,
  totals bigint[] not null,
  primary key (cursor_id, from_position)
);

-- Every Segment integration that exists follows the log from here on.
with started as (
  insert into delivery_cursor (integration_id, organization_id, kind, position, totals)
  select i.id, i.organization_id, 'live', h.position, h.totals
  from integration i join event_head h using (organization_id)
  where i.provider = 'segment'
  returning id, integration_id
)
insert into cursor_filter (cursor_id, from_position, kinds, totals)
select s.id, 0,
  array(select array_position(array['drop', 'processed', 'deferred', 'group_unsubscribe', 'bounce', 'delivered',
    'click', 'unsubscribe', 'open', 'group_resubscribe', 'spamreport', 'machine_opened'], e)::smallint - 1::smallint
    from unnest(i.email_events) e),
  array_fill(0::bigint, array[14])
from started s join integration i on i.id = s.integration_id;

create table dead_letter (
  id bigint generated always as identity primary key,
  integration_id text not null,
  organization_id text not null references organization,
  position bigint not null,
  kind smallint not null,
  sg_event_id text not null,
  reason text not null,
  -- given up by its owner: not listed any more, and still known to whoever follows the event
  discarded_at timestamptz,
  -- no reference to the integration: settling holds the cursor and would wait for the integration, a delete the other
  -- way round; a settled cursor exists, and so does its integration
  at timestamptz not null default clock_timestamp()
);
create index dead_letter_newest on dead_letter (integration_id, id desc) where discarded_at is null;
create index dead_letter_event on dead_letter (organization_id, sg_event_id);

-- One row a batch that was sent, or tried: the delivery log.
create table delivery_attempt (
  id bigint generated always as identity primary key,
  integration_id text not null,
  organization_id text not null,
  at timestamptz not null default clock_timestamp(),
  first_position bigint not null,
  last_position bigint not null,
  events integer not null,
  -- split: refused for its content, and sent again in halves to find the guilty events
  outcome text not null check (outcome in ('delivered', 'retry', 'rejected', 'split')),
  status integer,
  latency_ms integer not null,
  answer text
);
create index delivery_attempt_newest on delivery_attempt (integration_id, id desc);
create index delivery_attempt_age on delivery_attempt (at);

-- What is left of a removed integration: enough to send what it had not got to another one. No secret.
create table removed_cursor (
  integration_id text primary key,
  organization_id text not null references organization,
  removed_at timestamptz not null default clock_timestamp(),
  position bigint not null,
  end_position bigint not null,
  totals bigint[] not null,
  end_totals bigint[] not null,
  filters jsonb not null,
  dead_positions bigint[] not null,
  -- the replays that were under way: [[position, end_position, totals, end_totals, filters]]
  replays jsonb not null,
  undelivered bigint not null
);
create index removed_cursor_age on removed_cursor (removed_at);
