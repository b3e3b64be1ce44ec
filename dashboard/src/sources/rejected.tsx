/** What was posted to the event sources and was no event. */
import { useQueries, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Schemas } from '../api/client.ts';
import { rejectedQuery, sourceQuery } from '../api/queries.ts';
import { type Column, DataTable } from '../components/data-table.tsx';
import { Empty, FailureNotice, Loading } from '../components/notice.tsx';
import { Section } from '../components/page.tsx';
import { Pager, useFilledPage, usePaging } from '../components/pager.tsx';
import { asSentence, counted, time } from '../words.ts';

/** `listed`: the names of the event sources that are read already, by id. */
export function RejectedElements({ listed }: { readonly listed: ReadonlyMap<string, string> }) {
  const paging = usePaging('');
  const rejected = useQuery(rejectedQuery(paging.cursor));
  useFilledPage(paging, rejected.data?.data.length);
  const names = useSourceNames(rejected.data?.data ?? [], listed);
  const columns = useMemo(
    (): readonly Column<Schemas['RejectedElement']>[] => [
      { label: 'Time', role: 'main', cell: ({ at }) => <time dateTime={at}>{time(at)}</time> },
      {
        label: 'Source',
        cell: ({ source_id: id }) =>
          id === null ? '–' : (names.get(id) ?? <span className="code wrap-anywhere">{id}</span>),
      },
      {
        label: 'Reason',
        cell: ({ reason, count }) => (
          <>
            {asSentence(reason)}
            {count > 1 && (
              <span className="block text-sm text-muted">{counted(count, 'element')} of one post</span>
            )}
          </>
        ),
      },
      {
        label: 'Element',
        cell: ({ element }) =>
          element === '' ? (
            <span className="text-muted">Not kept</span>
          ) : (
            <span className="code line-clamp-3 max-w-96 wrap-anywhere">{element}</span>
          ),
      },
    ],
    [names],
  );
  return (
    <Section
      title="Rejected elements"
      lead="Parts of a post that were no event, newest first. The rest of the post was taken."
    >
      {rejected.isPending && <Loading what="rejected elements" />}
      {rejected.isError && (
        <div className="p-5">
          <FailureNotice
            error={rejected.error}
            what="The rejected elements could not be loaded"
            onRetry={rejected.refetch}
          />
        </div>
      )}
      {rejected.data?.data.length === 0 && (
        <Empty title="Nothing was rejected">
          <p>Whatever is posted and is no event is kept here with the reason, as long as events are.</p>
        </Empty>
      )}
      {rejected.data && rejected.data.data.length > 0 && (
        <>
          <DataTable
            label="Rejected elements"
            rows={rejected.data.data}
            columns={columns}
            idOf={(row) => String(row.rejected_element_id)}
            isStale={rejected.isPlaceholderData}
          />
          <Pager
            paging={paging}
            pagination={rejected.data.pagination}
            shown={rejected.data.data.length}
            what="rejected elements"
          />
        </>
      )}
    </Section>
  );
}

/** Also of those that stand on another page. One that was deleted has none. */
function useSourceNames(
  rows: readonly Schemas['RejectedElement'][],
  listed: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const ids = new Set(rows.flatMap(({ source_id: id }) => (id === null || listed.has(id) ? [] : [id])));
  const found = useQueries({ queries: [...ids].map((id) => sourceQuery(id)) });
  const others = JSON.stringify(found.flatMap(({ data }) => (data ? [[data.source_id, data.name]] : [])));
  // the same as long as nothing was renamed
  return useMemo(() => new Map([...listed, ...(JSON.parse(others) as [string, string][])]), [listed, others]);
}
