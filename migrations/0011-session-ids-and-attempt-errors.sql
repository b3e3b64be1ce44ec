-- What the audit log calls a session: its token, and the hash of that, are nobody's business.
alter table session add id text not null
  default 'sess_' || substr(md5(random()::text || clock_timestamp()::text), 1, 12);
-- how many sessions a person has
create index session_person on session (user_id) where user_id is not null;

-- Why there was no answer, in a few fixed words; null where there was one, or nothing was sent.
alter table delivery_attempt add error text;
