/** The requests to the destination, each with what it answered. */
import { useQuery } from '@tanstack/react-query';
import type { Schemas } from '../api/client.ts';
import { attemptsQuery } from '../api/queries.ts';
import { Badge } from '../components/badge.tsx';
import { type Column, DataTable } from '../components/data-table.tsx';
import { Empty, FailureNotice, Loading } from '../components/notice.tsx';
import { Section } from '../components/page.tsx';
import { Pager, usePaging } from '../components/pager.tsx';
import { count, time } from '../words.ts';

const outcomes = {
  delivered: { text: 'Taken', tone: 'good' },
  retry: { text: 'To be tried again', tone: 'warn' },
  rejected: { text: 'Refused', tone: 'bad' },
  split: { text: 'Refused, sent again in parts', tone: 'warn' },
} as const;

const columns: readonly Column<Schemas['Attempt']>[] = [
  { label: 'Time', role: 'main', cell: ({ at }) => <Time at={at} /> },
  {
    label: 'Outcome',
    cell: ({ outcome }) => <Badge tone={outcomes[outcome].tone}>{outcomes[outcome].text}</Badge>,
  },
  { label: 'Events', role: 'number', cell: ({ events }) => count(events) },
  { label: 'Status', role: 'number', cell: ({ status }) => status ?? 'None' },
  { label: 'Took', role: 'number', cell: ({ latency_ms: ms }) => `${count(ms)} ms` },
  {
    label: 'Answer',
    cell: ({ answer, error }) =>
      error === null ? (
        <span className="code line-clamp-3 max-w-80">{answer === null || answer === '' ? '–' : answer}</span>
      ) : (
        <span className="text-muted">None: {error}</span>
      ),
  },
];

function Time({ at }: { readonly at: string }) {
  return (
    <time dateTime={at} className="whitespace-nowrap">
      {time(at)}
    </time>
  );
}

export function Attempts({ id }: { readonly id: string }) {
  const paging = usePaging(id);
  const attempts = useQuery(attemptsQuery(id, paging.cursor));
  return (
    <Section title="Attempts" lead="One row is one request with a batch of events, newest first.">
      {attempts.isPending && <Loading what="attempts" />}
      {attempts.isError && (
        <div className="p-5">
          <FailureNotice
            error={attempts.error}
            what="The attempts could not be loaded"
            onRetry={attempts.refetch}
          />
        </div>
      )}
      {attempts.data?.data.length === 0 && (
        <Empty title="Nothing was sent yet">
          <p>As soon as an event arrives that the filter lets through, it is sent, and shown here.</p>
        </Empty>
      )}
      {attempts.data && attempts.data.data.length > 0 && (
        <>
          <DataTable
            label="Attempts"
            rows={attempts.data.data}
            columns={columns}
            idOf={(row) => String(row.attempt_id)}
            isStale={attempts.isPlaceholderData}
          />
          <Pager
            paging={paging}
            pagination={attempts.data.pagination}
            shown={attempts.data.data.length}
            what="attempts"
          />
        </>
      )}
    </Section>
  );
}
