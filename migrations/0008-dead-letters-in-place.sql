-- Dead letters stay in their place when their integration goes and are counted as they come and go; very many of them
-- are sent again by and by; replays are remembered when they are over.

-- How many there are for each integration, given up ones not counted. Kept by the triggers below.
create table dead_letter_tally (
  integration_id text primary key,
  organization_id text not null,
  letters bigint not null
) with (fillfactor = 50);
create index dead_letter_tally_organization on dead_letter_tally (organization_id);
insert into dead_letter_tally (integration_id, organization_id, letters)
select integration_id, organization_id, count(*) from dead_letter where discarded_at is null
group by integration_id, organization_id;

-- The last lock that anybody takes; of several integrations in one order.
create function tally_dead_letters() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if not exists (select from added) then return null; end if;
    insert into dead_letter_tally as t (integration_id, organization_id, letters)
    select integration_id, organization_id, count(*) from added where discarded_at is null
    group by integration_id, organization_id order by integration_id
    on conflict (integration_id) do update set letters = t.letters + excluded.letters;
    return null;
  end if;
  if not exists (select from gone) then return null; end if;
  perform from dead_letter_tally where integration_id in (select integration_id from gone)
  order by integration_id for update;
  update dead_letter_tally t set letters = t.letters - g.letters
  from (
    select integration_id, count(*) as letters from gone where discarded_at is null group by integration_id
  ) g
  where t.integration_id = g.integration_id;
  if tg_op = 'UPDATE' then
    update dead_letter_tally t set letters = t.letters + a.letters
    from (
      select integration_id, count(*) as letters from added where discarded_at is null group by integration_id
    ) a
    where t.integration_id = a.integration_id;
  end if;
  return null;
end $$;
create trigger dead_letter_added after insert on dead_letter
  referencing new table as added for each statement execute function tally_dead_letters();
create trigger dead_letter_changed after update on dead_letter
  referencing old table as gone new table as added for each statement execute function tally_dead_letters();
create trigger dead_letter_gone after delete on dead_letter
  referencing old table as gone for each statement execute function tally_dead_letters();

drop index dead_letter_count;
create index dead_letter_position on dead_letter (integration_id, position) where discarded_at is null;

-- Dead letters that are to be sent and have not had their turn: those of `source_id`, which is the integration itself
-- or a removed one, after one id up to another.
create table dead_letter_retry (
  integration_id text not null,
  source_id text not null,
  organization_id text not null,
  after_id bigint not null,
  up_to_id bigint not null,
  -- about how many they are
  rest bigint not null,
  primary key (integration_id, source_id)
);
-- what a removed integration had still to get of others' dead letters: [[source_id, after_id, up_to_id, rest]]
alter table removed_cursor add retries jsonb not null default '[]';

-- Where a replay began, and when.
alter table delivery_cursor add start_position bigint, add started_at timestamptz not null default clock_timestamp();

-- Replays that are over, so that an event can be followed to where they have sent it.
create table past_replay (
  id bigint generated always as identity primary key,
  integration_id text not null,
  organization_id text not null,
  from_position bigint not null,
  to_position bigint not null,
  filters jsonb not null,
  only_positions bigint[],
  started_at timestamptz not null,
  ended_at timestamptz not null default clock_timestamp()
);
create index past_replay_end on past_replay (organization_id, to_position);
create index past_replay_age on past_replay (ended_at);
