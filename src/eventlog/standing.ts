/**
 * How the integrations of an organization stand, as SQL: one text for lists, sorting and the overview. It counts what
 * waits as countWaiting does, from totals alone; a test holds the two equal.
 */

/** Of a live cursor under the alias c; every integration that takes events has one. */
export const stateSql = `case when c.id is null then 'not_forwarding' when c.paused then 'paused'
      when c.attempt > 0 then 'backing_off' else 'running' end`;

/**
 * The table `behind`: the stretches of the log before each cursor that has not come to its end, and how many wanted
 * events there are in each. Of the cursors under the alias c that fulfil a condition.
 *
 * A cursor that is at its end is passed by before its filters are looked up. Of the filters those count that lie
 * before the end and whose stretch goes beyond the cursor; the first of them counts from the cursor's own totals.
 */
export function behindSql(condition: string): string {
  return `lagging as (
    select c.id, c.integration_id, c.organization_id, c.kind, c.position, c.totals,
      coalesce(c.end_position, h.position) as end_position, coalesce(c.end_totals, h.totals) as end_totals
    from delivery_cursor c join event_head h on h.organization_id = c.organization_id
    where c.position < coalesce(c.end_position, h.position) and ${condition}
  ), filtered as (
    select l.*, f.kinds, f.from_position, f.totals as from_totals,
      lead(f.from_position) over later as next_position, lead(f.totals) over later as next_totals
    from lagging l join cursor_filter f on f.cursor_id = l.id and f.from_position < l.end_position
    window later as (partition by f.cursor_id order by f.from_position)
  ), behind as (
    select f.integration_id, f.organization_id, f.kind, f.kinds, greatest(f.position, f.from_position) as after,
      coalesce(f.next_position, f.end_position) as up_to,
      (select coalesce(sum((coalesce(f.next_totals, f.end_totals))[k + 1]
         - (case when f.from_position > f.position then f.from_totals else f.totals end)[k + 1]), 0)
       from unnest(f.kinds) as k)::bigint as waiting
    from filtered f
    where f.next_position is null or f.next_position > f.position
  )`;
}

/**
 * The tables `behind` and `standing` (one row an integration) of the organization `$1`. `only` narrows them to the
 * integrations of a parameter, given as `$2`.
 */
export function standingSql(only = false): string {
  const among = (column: string) => (only ? ` and ${column} = any ($2::text[])` : '');
  return `${behindSql(`c.organization_id = $1${among('c.integration_id')}`)}, waiting as (
    select integration_id, sum(waiting)::bigint as waiting from behind group by integration_id
  ), dead as (
    select integration_id, letters as dead from dead_letter_tally d
    where organization_id = $1 and letters > 0${among('d.integration_id')}
  ), standing as (
    select s.*,
      case when s.state = 'backing_off' then 0 when s.dead > 0 then 1 when s.state = 'paused' then 2
        when s.state = 'running' then 3 else 4 end as rank,
      case when s.state = 'backing_off' then s.position when s.dead > 0 then -s.dead else -s.waiting end as weight
    from (
      select i.id, ${stateSql} as state, coalesce(w.waiting, 0) as waiting, coalesce(d.dead, 0) as dead, c.position,
        c.last_success_at, c.last_error, c.last_error_at, c.next_attempt_at
      from integration i
      left join delivery_cursor c on c.integration_id = i.id and c.organization_id = $1 and c.kind = 'live'
      left join waiting w on w.integration_id = i.id
      left join dead d on d.integration_id = i.id
      where i.organization_id = $1${among('i.id')}
    ) s
  )`;
}
