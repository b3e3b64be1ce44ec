-- How many events waited and how many dead letters lay there, by the minute.

-- As they were when the minute was looked at; null: it was not, or there were none of either.
alter table organization_minute add waiting bigint, add dead bigint;

-- The minutes that were looked at, so that nothing waiting is told from nobody looking.
create table sampled_minute (at timestamptz primary key);
