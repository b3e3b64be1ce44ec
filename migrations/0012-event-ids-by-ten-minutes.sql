-- Event ids are as good as random: an index of their hashes is written all over, and a full log turns every event into
-- a page of its own to read, change and log again after each checkpoint. Ten minutes by ten minutes it grows at its end.

drop index event_sg_event_id;
create index event_sg_event_id on event (
  date_bin(interval '10 minutes', accepted_at, timestamptz '2000-01-01 00:00:00Z'),
  hashtextextended(sg_event_id, hashtextextended(organization_id, 0)),
  position
) where sg_event_id <> '';

-- Who looks for an id does so where its organization received anything. An event was not always counted in the minute
-- that it has itself.
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
) found
on conflict do nothing;
