-- Event ids are found by a tree. Under equal keys a hash index grows a chain that every insert walks to its end, and
-- every rejected element has the same empty id.

drop index event_sg_event_id;
-- A number instead of the id: small, of one size, and no organization meets another's ids. With the position, so that
-- many equal ids are read in order and only as far as asked for.
create index event_sg_event_id
  on event (hashtextextended(sg_event_id, hashtextextended(organization_id, 0)), position) where sg_event_id <> '';

-- what came in and was no event, newest first
create index event_rejected on event (organization_id, position desc) where kind = 13;
