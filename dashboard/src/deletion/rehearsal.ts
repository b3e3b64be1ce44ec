/** What a delete would do, asked of the server before anything is deleted, and asked again whenever something changes. */
import { queryOptions } from '@tanstack/react-query';
import { answered, api, type Integration, type Schemas } from '../api/client.ts';
import { ApiError, type Offender } from '../api/failure.ts';

export interface Doomed {
  readonly id: string;
  readonly name: string;
  readonly provider: string;
  /** Events that would not be delivered any more; undefined where it takes none. */
  readonly waiting: number | undefined;
  readonly isPaused: boolean;
}

export type Verdict =
  | { readonly kind: 'allowed'; readonly moved: number }
  /** Phone numbers refer to some, or some are gone. */
  | { readonly kind: 'blocked'; readonly offenders: readonly Offender[] }
  | { readonly kind: 'unusable'; readonly reason: string };

const refreshMs = 5_000;
/** From so many on, what waits is read in pages of the list instead of one by one. */
const fewIds = 12;

export const rehearsalQuery = (ids: readonly string[], replaceWith: string | undefined) =>
  queryOptions({
    queryKey: ['rehearsal', ids, replaceWith],
    queryFn: async (): Promise<Verdict> => await rehearse(ids, replaceWith),
    enabled: ids.length > 0,
    staleTime: 0,
    gcTime: 0,
    refetchInterval: refreshMs,
  });

export const doomedQuery = (ids: readonly string[]) =>
  queryOptions({
    queryKey: ['rehearsal', 'described', ids],
    queryFn: async () => await describe(ids),
    enabled: ids.length > 0,
    staleTime: 0,
    gcTime: 0,
    refetchInterval: refreshMs * 2,
  });

async function rehearse(ids: readonly string[], replaceWith: string | undefined): Promise<Verdict> {
  try {
    const answer = await answered(
      api.POST('/api/integrations/bulk-delete', { body: bodyOf(ids, replaceWith, true) }),
    );
    return { kind: 'allowed', moved: answer.moved_phone_numbers ?? 0 };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.offenders.length > 0) return { kind: 'blocked', offenders: error.offenders };
    if (error.status === 409 || error.status === 422) return { kind: 'unusable', reason: error.message };
    throw error;
  }
}

export function bodyOf(
  ids: readonly string[],
  replaceWith: string | undefined,
  dryRun: boolean,
): Schemas['BulkDeletion'] {
  return { integration_ids: [...ids], dry_run: dryRun, ...(replaceWith && { replace_with: replaceWith }) };
}

/** Those of the ids that are still there. */
async function describe(ids: readonly string[]): Promise<readonly Doomed[]> {
  if (ids.length > fewIds) return await describeFromList(new Set(ids));
  const found = await Promise.all(ids.map(describeOne));
  return found.flatMap((each) => each ?? []);
}

async function describeOne(id: string): Promise<Doomed | undefined> {
  const params = { params: { path: { integration_id: id } } };
  try {
    const { data } = await answered(api.GET('/api/integrations/{integration_id}', params));
    const delivery =
      data.category === 'customer_data'
        ? (await answered(api.GET('/api/integrations/{integration_id}/delivery', params))).data
        : undefined;
    return toDoomed(data, delivery);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}

/** Those with most waiting come first, so the pages that matter are read first. */
async function describeFromList(ids: ReadonlySet<string>): Promise<readonly Doomed[]> {
  const found: Doomed[] = [];
  let cursor: string | undefined;
  do {
    const query = { sort: '-waiting', include: 'delivery', limit: 100, ...(cursor && { cursor }) } as const;
    const page = await answered(api.GET('/api/integrations', { params: { query } }));
    for (const each of page.data)
      if (ids.has(each.integration_id)) found.push(toDoomed(each, each.delivery ?? undefined));
    cursor = page.pagination.next_cursor ?? undefined;
  } while (cursor !== undefined && found.length < ids.size);
  return found;
}

function toDoomed(
  { integration_id: id, name, provider }: Pick<Integration, 'integration_id' | 'name' | 'provider'>,
  delivery: Pick<Schemas['Delivery'], 'waiting_events' | 'state'> | undefined,
): Doomed {
  return { id, name, provider, waiting: delivery?.waiting_events, isPaused: delivery?.state === 'paused' };
}
