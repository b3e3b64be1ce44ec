/** What the pages read, each under the name by which it is refreshed. The organization is the first part of each. */
import { keepPreviousData, QueryClient, queryOptions } from '@tanstack/react-query';
import { answered, api, type Integration, type Schemas } from './client.ts';
import { ApiError, isPassing } from './failure.ts';
import type { paths } from './generated/butter.ts';
import { current, organizationOf } from './session.ts';

export type IntegrationQuery = NonNullable<paths['/api/integrations']['get']['parameters']['query']>;
export type IntegrationKind = Pick<IntegrationQuery, 'provider' | 'category'>;
export type AuditQuery = NonNullable<paths['/api/audit-log']['get']['parameters']['query']>;
export type NumberQuery = NonNullable<paths['/api/phone-numbers']['get']['parameters']['query']>;

type ListPage = Schemas['IntegrationPage'];

const longestPauseMs = 30_000;
/** More are found by searching. */
const mostChoices = 100;
/** What is read again although nothing is announced; only while somebody looks at it. */
const listRefreshMs = 30_000;
/** So that times that have passed do not stand still. */
const figuresRefreshMs = 60_000;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      retry: (failures, error) => isPassing(error) && failures < 4,
      retryDelay: (failures, error) =>
        error instanceof ApiError && error.retryAfterSeconds !== undefined
          ? error.retryAfterSeconds * 1_000
          : Math.min(longestPauseMs, 500 * 2 ** failures),
      // whoever comes back to the tab sees what is, not what was
      refetchOnWindowFocus: true,
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});

const organizationId = () => current.session && organizationOf(current.session)?.organization_id;
const key = (...parts: readonly unknown[]) => [organizationId(), ...parts] as const;

export const integrationsQuery = (query: IntegrationQuery) =>
  queryOptions({
    queryKey: key('integrations', query),
    queryFn: ({ signal }) => answered(api.GET('/api/integrations', { params: { query }, signal })),
    placeholderData: keepPreviousData,
  });

/** What can be chosen from: the first of the kind by name that are not excepted, and whether there are more. */
export const choicesQuery = (kind: IntegrationKind, except: readonly string[], search: string) =>
  queryOptions({
    queryKey: key('integrations', 'choices', kind, except, search),
    queryFn: async ({ signal }) => {
      const excepted = new Set(except);
      const choices: Integration[] = [];
      let cursor: string | null = null;
      do {
        const query = {
          ...kind,
          sort: 'name' as const,
          limit: 100,
          ...(search !== '' && { search }),
          ...(cursor !== null && { cursor }),
        };
        const page: ListPage = await answered(api.GET('/api/integrations', { params: { query }, signal }));
        choices.push(...page.data.filter(({ integration_id: id }) => !excepted.has(id)));
        cursor = page.pagination.next_cursor;
      } while (cursor !== null && choices.length < mostChoices);
      return { choices, hasMore: cursor !== null };
    },
  });

export const providersQuery = () =>
  queryOptions({
    queryKey: key('providers'),
    queryFn: async ({ signal }) => (await answered(api.GET('/api/providers', { signal }))).data,
    staleTime: Number.POSITIVE_INFINITY,
  });

const at = (id: string) => ({ path: { integration_id: id } });

export const integrationQuery = (id: string) =>
  queryOptions({
    queryKey: key('integrations', id),
    queryFn: async ({ signal }) => {
      const params = { ...at(id), query: { include: 'settings' as const } };
      const { data, error, response } = await api.GET('/api/integrations/{integration_id}', {
        params,
        signal,
      });
      const body = await answered(Promise.resolve({ data, error, response }));
      return { integration: body.data, etag: response.headers.get('etag') ?? '*' };
    },
  });

export const deliveryQuery = (id: string) =>
  queryOptions({
    queryKey: key('delivery', id, 'state'),
    queryFn: async ({ signal }) =>
      (await answered(api.GET('/api/integrations/{integration_id}/delivery', { params: at(id), signal })))
        .data,
  });

export const usageQuery = (id: string) =>
  queryOptions({
    queryKey: key('phone_numbers', 'usage', id),
    queryFn: ({ signal }) =>
      answered(
        api.GET('/api/integrations/{integration_id}/usage', {
          params: { ...at(id), query: { limit: 100 } },
          signal,
        }),
      ),
  });

export const statsQuery = (id: string, span: { readonly seconds: number; readonly step: number }) =>
  queryOptions({
    queryKey: key('delivery', id, 'stats', span),
    queryFn: async ({ signal }) => {
      const query = { from: since(span), step: span.step };
      const params = { ...at(id), query };
      return (await answered(api.GET('/api/integrations/{integration_id}/stats', { params, signal }))).data;
    },
    refetchInterval: figuresRefreshMs,
    placeholderData: keepPreviousData,
  });

export const attemptsQuery = (id: string, cursor?: string) =>
  queryOptions({
    queryKey: key('delivery', id, 'attempts', cursor),
    queryFn: ({ signal }) => {
      const params = { ...at(id), query: { limit: 25, ...(cursor && { cursor }) } };
      return answered(api.GET('/api/integrations/{integration_id}/attempts', { params, signal }));
    },
    placeholderData: keepPreviousData,
  });

export const deadLettersQuery = (id: string, cursor?: string) =>
  queryOptions({
    queryKey: key('delivery', id, 'dead-letters', cursor),
    queryFn: ({ signal }) => {
      const params = { ...at(id), query: { limit: 25, ...(cursor && { cursor }) } };
      return answered(api.GET('/api/integrations/{integration_id}/dead-letters', { params, signal }));
    },
    placeholderData: keepPreviousData,
  });

export const overviewQuery = (span: { readonly seconds: number; readonly step: number }) =>
  queryOptions({
    queryKey: key('delivery', 'overview', span),
    queryFn: async ({ signal }) => {
      const params = { query: { from: since(span), step: span.step } };
      return (await answered(api.GET('/api/overview', { params, signal }))).data;
    },
    refetchInterval: figuresRefreshMs,
    placeholderData: keepPreviousData,
  });

export const numbersQuery = (query: NumberQuery) =>
  queryOptions({
    queryKey: key('phone_numbers', query),
    queryFn: ({ signal }) => answered(api.GET('/api/phone-numbers', { params: { query }, signal })),
    placeholderData: keepPreviousData,
  });

export const sourcesQuery = (cursor?: string) =>
  queryOptions({
    queryKey: key('sources', cursor),
    queryFn: ({ signal }) => {
      const params = { query: { limit: 20, ...(cursor && { cursor }) } };
      return answered(api.GET('/api/event-sources', { params, signal }));
    },
    placeholderData: keepPreviousData,
  });

export const sourceQuery = (id: string) =>
  queryOptions({
    queryKey: key('sources', 'one', id),
    queryFn: async ({ signal }) =>
      (
        await answered(
          api.GET('/api/event-sources/{source_id}', { params: { path: { source_id: id } }, signal }),
        )
      ).data,
  });

export const rejectedQuery = (cursor?: string) =>
  queryOptions({
    queryKey: key('rejected', cursor),
    queryFn: ({ signal }) => {
      const params = { query: { limit: 25, ...(cursor && { cursor }) } };
      return answered(api.GET('/api/rejected-elements', { params, signal }));
    },
    refetchInterval: listRefreshMs,
    placeholderData: keepPreviousData,
  });

export const keysQuery = () =>
  queryOptions({
    queryKey: key('keys'),
    queryFn: async ({ signal }) => (await answered(api.GET('/api/api-keys', { signal }))).data,
  });

/** Below the other keys, so that they are refreshed together. */
export const sendGridKeysQuery = () =>
  queryOptions({
    queryKey: key('keys', 'sendgrid'),
    queryFn: async ({ signal }) => (await answered(api.GET('/api/sendgrid-keys', { signal }))).data,
  });

export const auditQuery = (query: AuditQuery) =>
  queryOptions({
    queryKey: key('audit', query),
    queryFn: ({ signal }) => answered(api.GET('/api/audit-log', { params: { query }, signal })),
    refetchInterval: listRefreshMs,
    placeholderData: keepPreviousData,
  });

export const eventQuery = (sgEventId: string) =>
  queryOptions({
    queryKey: key('delivery', 'event', sgEventId),
    queryFn: async ({ signal }) => {
      const params = { path: { sg_event_id: sgEventId } };
      return (await answered(api.GET('/api/events/{sg_event_id}', { params, signal }))).data;
    },
    enabled: sgEventId !== '',
  });

/** Whole minutes, so that a chart does not shiver. */
function since({ seconds }: { readonly seconds: number }): string {
  const from = Math.floor((Date.now() / 1_000 - seconds) / 60) * 60;
  return new Date(from * 1_000).toISOString();
}

/** Everything of these kinds is read again: those on the screen now, the others when they are next looked at. */
export async function refresh(...kinds: readonly string[]): Promise<void> {
  await Promise.all(kinds.map((kind) => queryClient.invalidateQueries({ queryKey: key(kind) })));
}

/** The same for all there is, by itself: what is being read already is not begun again. */
export async function refreshAll(): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: key() }, { cancelRefetch: false });
}
