/** Pages of integrations: searched, filtered and sorted inside one organization. */
import type { Kysely } from 'kysely';
import {
  type IntegrationList,
  type IntegrationListRequest,
  type IntegrationSort,
  integrationSorts,
  type SortKey,
} from '../core/integration-list.ts';
import { standingSql, stateSql } from '../eventlog/standing.ts';
import { columns, type IntegrationRow, toIntegration } from './integration-row.ts';
import type { Schema } from './schema.ts';
import { statement } from './statement.ts';

interface Order {
  /** What is sorted by before the id. */
  readonly by: readonly string[];
  /** The same from a cursor, whose parts are the parameters from $7 on. */
  readonly from: readonly string[];
  /** The same as it goes into a cursor, where that is another form. */
  readonly key?: readonly string[];
  readonly descending: boolean;
  /** Whether it takes more than the integration's own row. */
  readonly byDelivery: boolean;
}

const byTime = {
  by: ['i.created_at'],
  // a whole number of milliseconds, which the column holds no more than
  from: ['to_timestamp($7::double precision / 1000)'],
  key: ['(extract(epoch from i.created_at) * 1000)::bigint'],
  byDelivery: false,
};
// one order on every database, whatever its locale
const byName = { by: ['lower(i.name) collate "C"'], from: ['$7::text collate "C"'], byDelivery: false };
const byWaiting = { by: ['s.waiting'], from: ['$7::bigint'], byDelivery: true };

const orders: Readonly<Record<IntegrationSort, Order>> = {
  created_at: { ...byTime, descending: false },
  '-created_at': { ...byTime, descending: true },
  name: { ...byName, descending: false },
  '-name': { ...byName, descending: true },
  waiting: { ...byWaiting, descending: false },
  '-waiting': { ...byWaiting, descending: true },
  health: {
    by: ['s.rank', 's.weight'],
    from: ['$7::integer', '$8::bigint'],
    descending: false,
    byDelivery: true,
  },
};

const matches = `i.organization_id = $1 and i.provider = any ($2::text[]) and ($3::text is null or i.status = $3)
    and ($4::text is null or strpos(lower(i.name), lower($4)) > 0 or strpos(i.id, lower($4)) > 0)`;
const inState = '($5::text[] is null or s.state = any ($5::text[]))';

type FilterParameters = [string, readonly string[], string | null, string | null, readonly string[] | null];

const count = statement<{ readonly count: number }, FilterParameters>(`
  select count(*) as count from integration i where ${matches} and $5::text[] is null`);
const countInState = statement<{ readonly count: number }, FilterParameters>(`
  select count(*) as count from (
    select ${stateSql} as state
    from integration i
    left join delivery_cursor c on c.integration_id = i.id and c.organization_id = $1 and c.kind = 'live'
    where ${matches}
  ) s
  where ${inState}`);

type PageParameters = [...FilterParameters, number, ...(string | number | null)[]];
const pages = new Map(
  integrationSorts.map((sort) => [
    sort,
    {
      plain: statement<ListRow, PageParameters>(pageText(orders[sort], orders[sort].byDelivery)),
      inState: statement<ListRow, PageParameters>(pageText(orders[sort], true)),
    },
  ]),
);

export class IntegrationListStore {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** Without credentials. */
  async page(organizationId: string, request: IntegrationListRequest): Promise<IntegrationList> {
    const { filter, sort, limit, after } = request;
    const { providers, status, search, states } = filter;
    const parameters: FilterParameters = [
      organizationId,
      providers,
      status ?? null,
      search ?? null,
      states ?? null,
    ];
    const texts = pages.get(sort);
    if (texts === undefined) throw new Error(`there is no order ${sort}`);
    const page = states === undefined ? texts.plain : texts.inState;
    const from = after ?? [...orders[sort].by.map(() => null), null];
    const rows = await page(this.#db, ...parameters, limit + 1, ...from);
    const [total] = await (states === undefined ? count : countInState)(this.#db, ...parameters);
    const items = rows.slice(0, limit);
    return {
      items: items.map(toIntegration),
      next: rows.length > limit ? items.at(-1)?.sort_key : undefined,
      total: total?.count ?? 0,
    };
  }
}

function pageText({ by, from, key, descending }: Order, withDelivery: boolean): string {
  const direction = descending ? 'desc' : 'asc';
  const id = `$${6 + from.length + 1}::text`;
  const keys = by.map((_, index) => `key_${index}`);
  // only the rows of the page are read whole
  return `
  with ${withDelivery ? `${standingSql()}, ` : ''}chosen as materialized (
    select i.id, ${by.map((each, index) => `${each} as ${keys[index]}`).join(', ')}
    from integration i ${withDelivery ? 'join standing s on s.id = i.id' : ''}
    where ${matches} and ${withDelivery ? inState : '$5::text[] is null'}
      and (${id} is null or (${[...by, 'i.id'].join(', ')}) ${descending ? '<' : '>'} (${[...from, id].join(', ')}))
    order by ${[...by, 'i.id'].map((each) => `${each} ${direction}`).join(', ')}
    limit $6
  )
  select ${columns}, json_build_array(${[...(key ?? keys), 'i.id'].join(', ')}) as sort_key
  from chosen join integration i using (id)
  order by ${[...keys, 'i.id'].map((each) => `${each} ${direction}`).join(', ')}`;
}

interface ListRow extends IntegrationRow {
  readonly sort_key: SortKey;
}
