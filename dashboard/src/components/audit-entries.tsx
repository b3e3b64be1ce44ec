/** Entries of the audit log, in pages. */
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { Schemas } from '../api/client.ts';
import { type AuditQuery, auditQuery } from '../api/queries.ts';
import { Replay } from '../deletion/replay.tsx';
import { type Undelivered, undeliveredOf } from '../deletion/undelivered.ts';
import { usePermission } from '../use-permission.ts';
import { counted, time } from '../words.ts';
import { Button } from './button.tsx';
import { type Column, DataTable } from './data-table.tsx';
import { Dialog } from './dialog.tsx';
import { Empty, FailureNotice, Loading } from './notice.tsx';
import { Pager, usePaging } from './pager.tsx';

type Entry = Schemas['AuditEntry'];

const columnsOf = (isOfOne: boolean): readonly Column<Entry>[] => [
  {
    label: 'What',
    role: 'main',
    cell: ({ action, target }) => (
      <>
        <span className="font-medium">{wordsOf(action)}</span>
        {!isOfOne && <span className="code block text-muted">{target.id}</span>}
      </>
    ),
  },
  {
    label: 'By',
    cell: ({ actor }) => (
      <span>
        <span className="block">{wordsOf(actor.type)}</span>
        <span className="code block text-muted md:whitespace-nowrap">{actor.id}</span>
      </span>
    ),
  },
  {
    label: 'When',
    cell: ({ at }) => (
      <time dateTime={at} className="md:whitespace-nowrap">
        {time(at)}
      </time>
    ),
  },
  {
    label: 'Details',
    cell: ({ details, request_id: request }) => (
      <details className="text-start">
        <summary className="link cursor-pointer whitespace-nowrap">Details</summary>
        <pre className="code max-w-96 pt-2 whitespace-pre-wrap">{JSON.stringify(details, undefined, 2)}</pre>
        <p className="pt-1 text-sm text-muted">
          Request <span className="code">{request}</span>
        </p>
      </details>
    ),
  },
];

/** What a deleted integration was not sent can go to another one, as long as the log keeps it. */
function replayColumn(mayReplay: boolean, onReplay: (undelivered: Undelivered) => void): Column<Entry> {
  return {
    label: 'Actions',
    role: 'actions',
    cell: ({ action, target, details }) => {
      const events = undeliveredOf(details) ?? 0;
      if (action !== 'integration.deleted' || events === 0 || !mayReplay) return null;
      const name = typeof details['name'] === 'string' ? details['name'] : target.id;
      return (
        <Button
          icon="replay"
          aria-label={`Replay ${counted(events, 'event')} that ${name} was not sent`}
          onPress={() => onReplay({ id: target.id, name, events, isEstimate: false })}
        >
          Replay {counted(events, 'event')}…
        </Button>
      );
    },
  };
}

export function AuditEntries({ query }: { readonly query: AuditQuery }) {
  const mayReplay = usePermission('integrations:update');
  const [replayed, setReplayed] = useState<Undelivered>();
  const isOfOne = query.target_id !== undefined;
  const shown = useMemo(
    () => [...columnsOf(isOfOne), replayColumn(mayReplay, setReplayed)],
    [isOfOne, mayReplay],
  );
  const paging = usePaging(JSON.stringify(query));
  const entries = useQuery(
    auditQuery({ ...query, limit: 50, ...(paging.cursor && { cursor: paging.cursor }) }),
  );
  const rows = entries.data?.data ?? [];
  if (entries.isPending) return <Loading what="entries" />;
  if (entries.isError) {
    return (
      <div className="p-5">
        <FailureNotice
          error={entries.error}
          what="The audit log could not be loaded"
          onRetry={entries.refetch}
        />
      </div>
    );
  }
  if (rows.length === 0) {
    return (
      <Empty title="No entries">
        <p>
          Nothing was done that fits. Every change is written down here, with who made it and by which
          request.
        </p>
      </Empty>
    );
  }
  return (
    <>
      <DataTable
        label="Audit log"
        rows={rows}
        columns={shown}
        idOf={(row) => String(row.entry_id)}
        isStale={entries.isPlaceholderData}
      />
      <Pager paging={paging} pagination={entries.data.pagination} shown={rows.length} what="entries" />
      {replayed && (
        <Dialog
          isOpen
          wide
          title={
            <>
              Replay what <bdi>{replayed.name}</bdi> was not sent
            </>
          }
          onClose={() => setReplayed(undefined)}
        >
          <Replay undelivered={[replayed]} />
        </Dialog>
      )}
    </>
  );
}

/** `integration.deleted` as people say it. */
function wordsOf(name: string): string {
  const text = name.replaceAll(/[._]/g, ' ').replace('api key', 'API key');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
