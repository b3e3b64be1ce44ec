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
}

export type Verdict =
  | { readonly kind: 'allowed'; readonly moved: number; readonly integrations: readonly Integration[] }
  /** Phone numbers refer to some, or some are gone. */
  | { readonly kind: 'blocked'; readonly offenders: readonly Offender[] }
  | { readonly kind: 'unusable'; readonly reason: string };

const refreshMs = 5_000;
/** From so many on, what waits is read in pages of the list instead of one by one. */
const fewIds = 12;

export const rehearsalQuery = (ids: readonly string[], replaceWith: string | undefined) =>
  queryOptions({
    queryKey: ['rehearsal', ids.join(), replaceWith],
    queryFn: async (): Promise<Verdict> => await rehearse(ids, replaceWith),
    enabled: ids.length > 0,
    staleTime: 0,
    gcTime: 0,
    refetchInterval: refreshMs,
    // of the same ones with another replacement: what is focused stays while it is asked
    placeholderData: (before, query) => (query?.queryKey[1] === ids.join() ? before : undefined),
  });

export const doomedQuery = (ids: readonly string[]) =>
  queryOptions({
    queryKey: ['rehearsal', 'described', ids],
    queryFn: async ({ client, queryKey }) =>
      await describe(ids, client.getQueryData<readonly Doomed[]>(queryKey) ?? []),
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
    return { kind: 'allowed', moved: answer.moved_phone_numbers ?? 0, integrations: answer.data };
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

/** What is to be known of the ids; of those that are gone, what was known before. */
async function describe(ids: readonly string[], before: readonly Doomed[]): Promise<readonly Doomed[]> {
  if (ids.length > fewIds) return await describeMany(ids, before);
  const found = await Promise.all(ids.map(describeOne));
  return found.flatMap((each, index) => each ?? before.find(({ id }) => id === ids[index]) ?? []);
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

/**
 * The list is read from where most waits, until nothing does: the others are known from the rehearsal, or from the time
 * before, and only where they are not is it read on until all are found that are there.
 */
async function describeMany(ids: readonly string[], before: readonly Doomed[]): Promise<readonly Doomed[]> {
  const verdict = await rehearse(ids, undefined);
  const missing = new Set(ids);
  const gone = goneOf(verdict);
  for (const id of gone) missing.delete(id);
  const idle = new Map<string, Doomed>(
    before.map((each) => [each.id, { ...each, waiting: each.waiting && 0 }]),
  );
  if (verdict.kind === 'allowed')
    for (const each of verdict.integrations)
      idle.set(each.integration_id, toDoomed(each, { waiting_events: 0 }));
  const found: Doomed[] = [];
  let cursor: string | null = null;
  while (missing.size > 0) {
    const query = { sort: '-waiting', include: 'delivery', limit: 100, ...(cursor && { cursor }) } as const;
    const page: Schemas['IntegrationPage'] = await answered(
      api.GET('/api/integrations', { params: { query } }),
    );
    for (const each of page.data)
      if (missing.delete(each.integration_id)) found.push(toDoomed(each, each.delivery ?? undefined));
    cursor = page.pagination.next_cursor;
    const isIdle = (page.data.at(-1)?.delivery?.waiting_events ?? 0) === 0;
    if (cursor === null || (isIdle && [...missing].every((id) => idle.has(id)))) break;
  }
  return [...found, ...[...missing, ...gone].flatMap((id) => idle.get(id) ?? [])];
}

/** Which of them somebody else deleted meanwhile. */
export function goneOf(verdict: Verdict | undefined): readonly string[] {
  const offenders = verdict?.kind === 'blocked' ? verdict.offenders : [];
  return offenders.filter(({ reason }) => reason === 'not_found').map((each) => each.integration_id);
}

function toDoomed(
  { integration_id: id, name, provider, category }: Integration,
  delivery: Pick<Schemas['Delivery'], 'waiting_events'> | undefined,
): Doomed {
  return { id, name, provider, waiting: category === 'customer_data' ? delivery?.waiting_events : undefined };
}
