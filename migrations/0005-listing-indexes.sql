-- Lists and figures of a whole organization stay quick at ten thousand integrations and a million attempts.

-- how many dead letters each integration has, without reading them
create index dead_letter_count on dead_letter (organization_id, integration_id) where discarded_at is null;
-- figures over a time, of one integration and of all, from the index alone
create index delivery_attempt_integration on delivery_attempt (integration_id, at) include (outcome, events, latency_ms);
create index delivery_attempt_organization on delivery_attempt (organization_id, at) include (outcome, events);
