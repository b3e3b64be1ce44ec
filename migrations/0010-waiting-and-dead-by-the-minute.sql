-- How many events waited and how many dead letters lay there, from the minute on in which it was found so. A table of
-- its own: those who append count in organization_minute, and do not wait until all organizations were looked at.

create table organization_standing (
  organization_id text not null,
  at timestamptz not null,
  waiting bigint not null,
  dead bigint not null,
  primary key (organization_id, at)
);
create index organization_standing_age on organization_standing (at);

-- The minutes that were looked at.
create table sampled_minute (at timestamptz primary key);
