-- Event ids are as good as random: an index of their hashes is written all over, and a full log turns every event into
-- a page of its own to read, change and log again after each checkpoint. Minute by minute the index grows at its end.

drop index event_sg_event_id;
create index event_sg_event_id on event (
  date_bin(interval '1 minute', accepted_at, timestamptz '2000-01-01 00:00:00Z'),
  hashtextextended(sg_event_id, hashtextextended(organization_id, 0)),
  position
) where sg_event_id <> '';

-- Who looks for an id does so in the minutes in which its organization received anything. An event was not always
-- counted in the minute that it has itself, nor are minutes kept from before they were.
insert into organization_minute (organization_id, at)
select distinct organization_id, date_bin(interval '1 minute', accepted_at, timestamptz '2000-01-01 00:00:00Z') from event
on conflict do nothing;
