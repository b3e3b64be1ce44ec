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
