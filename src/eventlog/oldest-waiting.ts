/** When the oldest event came in that waits, as SQL: looked for in the log, and never through all of it. */

/** In each stretch the first wanted event is looked for among so many. */
const eventsLookedAt = 10_000;

/**
 * Of the table `first`: stretches of the log with a wanted event in each. Where a filter wants none of the first events
 * of a stretch, the time of the last one looked at stands in: what waits is younger than that.
 */
export const oldestSql = `
  select min(coalesce(wanted.at, passed.at)) as at
  from first f
  left join lateral (
    select e.accepted_at as at from event e
    where e.organization_id = f.organization_id and e.position > f.after and e.position <= f.up_to
      and e.position <= f.after + ${eventsLookedAt} and e.kind = any (f.kinds)
    order by e.position limit 1
  ) wanted on true
  left join lateral (
    select e.accepted_at as at from event e
    where wanted.at is null and e.organization_id = f.organization_id and e.position >= f.after + ${eventsLookedAt}
      and e.position <= f.up_to
    order by e.position limit 1
  ) passed on true`;
