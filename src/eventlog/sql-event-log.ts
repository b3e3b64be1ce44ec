/** The event log in the database: one row an event, positions from a head row per organization. */
import type { Kysely } from 'kysely';
import { rejectedKind } from '../core/email-event.ts';
import type { NewEvent } from '../core/webhook-event.ts';
import type { Schema } from '../storage/schema.ts';
import { statement } from '../storage/statement.ts';
import type { EventLog, LoggedEvent, LogSlice, SliceRequest } from './event-log.ts';

/** Between payloads. JSON has it nowhere: in a string it is escaped, and it is no white space. */
const separator = '\u001e';

/**
 * Payloads travel as one text with separators: as an array, each quote in them would be escaped and unescaped again.
 * Takes the next positions by updating the head row, in the transaction that also inserts: the row stays locked until
 * the commit, so positions are gapless and become visible in their order. A sequence would not do: a reader could pass
 * a number whose transaction commits later, and lose that event.
 */
const append = statement<
  { readonly position: number },
  [string, number, readonly number[], readonly number[], readonly string[], string, string]
>(`
  with head as (
    update event_head
    set position = position + $2,
      totals = array(select t + coalesce(a, 0) from unnest(totals, $3::bigint[]) with ordinality as x (t, a, n) order by n)
    where organization_id = $1
    returning position - $2 as base, position, clock_timestamp() as at
  ), appended as (
    insert into event (organization_id, position, kind, accepted_at, sg_event_id, payload)
    select $1, head.base + e.n, e.kind, head.at, e.sg_event_id, e.payload
    from head, rows from (unnest($4::smallint[]), unnest($5::text[]), string_to_table($6, chr(30)))
      with ordinality as e (kind, sg_event_id, payload, n)
  ), counted as (
    insert into organization_minute as m (organization_id, at, received)
    select $1, date_trunc('minute', head.at), $3::bigint[] from head
    on conflict (organization_id, at) do update
    set received = array(select r + a from unnest(m.received, excluded.received) with ordinality as x (r, a, n) order by n)
  )
  select position, pg_notify($7, $1) from head`);

/** The rows beyond the bytes asked for come without payload: that tells them from rows that are not there. */
const cutAt = (bytes: string, rows: string) => `
  select position, kind, sg_event_id, case when bytes_before < ${bytes} then payload end as payload
  from (
    select position, kind, sg_event_id, payload,
      sum(octet_length(payload)) over (order by position) - octet_length(payload) as bytes_before
    from event
    where organization_id = $1 and ${rows}
  ) slice
  order by position`;
const read = statement<EventRow, [string, number, number, readonly number[], number, number]>(
  cutAt(
    '$6',
    `position > $2 and position <= $3 and kind = any ($4::smallint[])
    order by position
    limit $5`,
  ),
);
/** Each is found by the index, however far apart they lie. */
const readOnly = statement<EventRow, [string, readonly number[], readonly number[], number]>(
  cutAt('$4', 'position = any ($2::bigint[]) and kind = any ($3::smallint[])'),
);

/**
 * How far one statement looks for wanted events: where they are rare it would otherwise pass by the whole backlog, for
 * longer than a statement may take, and begin anew each time.
 */
const farthest = 200_000;

/** Told with the organization's id whenever events were appended. */
export const appendedChannel = 'jackfield_events_appended';

export class SqlEventLog implements EventLog {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  async append(organizationId: string, events: readonly NewEvent[]): Promise<number> {
    const added = Array.from({ length: rejectedKind + 1 }, () => 0);
    for (const { kind } of events) added[kind] = (added[kind] ?? 0) + 1;
    const rows = await append(
      this.#db,
      organizationId,
      events.length,
      added,
      events.map((event) => event.kind),
      events.map((event) => event.sgEventId),
      events.map((event) => event.payload).join(separator),
      appendedChannel,
    );
    const [end] = rows;
    if (end === undefined) throw new Error(`organization ${organizationId} has no event log`);
    return end.position;
  }

  async read({ organizationId, after, ...request }: SliceRequest): Promise<LogSlice> {
    const { kinds, limit, only, mostBytes } = request;
    if (only === null) {
      const upTo = Math.min(request.upTo, after + farthest);
      const rows = await read(this.#db, organizationId, after, upTo, kinds, limit, mostBytes);
      return toSlice(rows, rows.length < limit ? upTo : undefined);
    }
    const left = only.filter((position) => position > after && position <= request.upTo);
    const positions = left.toSorted((a, b) => a - b).slice(0, limit);
    const rows = await readOnly(this.#db, organizationId, positions, kinds, mostBytes);
    return toSlice(rows, positions.length < left.length ? positions.at(-1) : request.upTo);
  }
}

/** `end`: how far it reaches where all rows are in it; undefined: to the last one. */
function toSlice(rows: readonly EventRow[], end: number | undefined): LogSlice {
  const events: LoggedEvent[] = [];
  let last = 0;
  for (const { position, kind, sg_event_id: sgEventId, payload } of rows) {
    if (payload === null) return { events, upTo: last };
    events.push({ position, kind, sgEventId, payload });
    last = position;
  }
  return { events, upTo: end ?? last };
}

interface EventRow {
  readonly position: number;
  readonly kind: number;
  readonly sg_event_id: string;
  readonly payload: string | null;
}
