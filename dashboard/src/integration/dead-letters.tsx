/** Events that the destination will never take as they are: to be tried again after a change there, or given up. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { answered, api, once, type Schemas } from '../api/client.ts';
import { deadLettersQuery, refresh } from '../api/queries.ts';
import { Button } from '../components/button.tsx';
import { type Column, DataTable } from '../components/data-table.tsx';
import { Dialog } from '../components/dialog.tsx';
import { say } from '../components/messages.tsx';
import { Empty, FailureNotice, Loading } from '../components/notice.tsx';
import { Section } from '../components/page.tsx';
import { Pager, usePaging } from '../components/pager.tsx';
import { usePermission } from '../use-permission.ts';
import { counted, eventWords, time } from '../words.ts';

const columns: readonly Column<Schemas['DeadLetter']>[] = [
  {
    label: 'Event',
    role: 'main',
    cell: ({ sg_event_id: event }) => (
      <Link to="/follow" search={{ id: event }} className="link code">
        {event}
      </Link>
    ),
  },
  { label: 'Kind', cell: ({ event }) => (event === null ? '–' : eventWords[event].title) },
  { label: 'Reason', cell: ({ reason }) => <span className="wrap-anywhere">{reason}</span> },
  { label: 'Since', cell: ({ at }) => <time dateTime={at}>{time(at)}</time> },
];

export function DeadLetters({ id }: { readonly id: string }) {
  const paging = usePaging(id);
  const letters = useQuery(deadLettersQuery(id, paging.cursor));
  const mayChange = usePermission('integrations:update');
  const [selected, setSelected] = useState<Readonly<Record<string, true>>>({});
  const [pageOf, setPageOf] = useState<Readonly<Record<string, number>>>({});
  const [isDiscarding, setDiscarding] = useState(false);
  const rows = letters.data?.data ?? [];
  const shown = new Set(rows.map((row) => row.dead_letter_id));
  // what somebody else has dealt with is chosen no longer
  const chosen = Object.keys(selected)
    .map(Number)
    .filter((each) => shown.has(each) || pageOf[each] !== paging.page);
  const choose = (next: Readonly<Record<string, true>>) => {
    setSelected(next);
    setPageOf({ ...Object.fromEntries(Object.keys(next).map((each) => [each, paging.page])), ...pageOf });
  };
  const what = chosen.length === 0 ? 'all dead letters' : counted(chosen.length, 'dead letter');
  const done = async (text: string) => {
    say(text);
    setSelected({});
    setDiscarding(false);
    await refresh('delivery', 'integrations', 'audit');
  };
  const retry = useMutation({
    mutationFn: async () =>
      await answered(
        api.POST('/api/integrations/{integration_id}/dead-letters/retry', {
          params: { path: { integration_id: id }, header: once() },
          ...(chosen.length > 0 && { body: { dead_letter_ids: chosen } }),
        }),
      ),
    onSuccess: async ({ data }) =>
      await done(`${counted(data.count, 'dead letter')} ${data.count === 1 ? 'is' : 'are'} sent again`),
  });
  const discard = useMutation({
    mutationFn: async () =>
      await answered(
        api.DELETE('/api/integrations/{integration_id}/dead-letters', {
          params: {
            path: { integration_id: id },
            header: once(),
            ...(chosen.length > 0 && { query: { ids: chosen } }),
          },
        }),
      ),
    onSuccess: async ({ data }) => await done(`${counted(data.count, 'dead letter')} discarded`),
  });
  return (
    <Section
      title="Dead letters"
      lead="Refused for what they hold; the events behind them went on."
      actions={
        mayChange &&
        rows.length > 0 && (
          <>
            <Button icon="replay" isDisabled={retry.isPending} onPress={() => retry.mutate()}>
              Retry {what}
            </Button>
            <Button kind="warning" icon="trash" onPress={() => setDiscarding(true)}>
              Discard {what}…
            </Button>
          </>
        )
      }
    >
      {letters.isPending && <Loading what="dead letters" />}
      {(letters.isError || retry.isError) && (
        <div className="p-5">
          {letters.isError && (
            <FailureNotice
              error={letters.error}
              what="The dead letters could not be loaded"
              onRetry={letters.refetch}
            />
          )}
          {retry.isError && <FailureNotice error={retry.error} what="They were not sent again" />}
        </div>
      )}
      {letters.data && rows.length === 0 && (
        <Empty title="No dead letters">
          <p>Every event that was sent was taken, or waits to be tried again.</p>
        </Empty>
      )}
      {letters.data && rows.length > 0 && (
        <>
          <DataTable
            label="Dead letters"
            rows={rows}
            columns={columns}
            idOf={(row) => String(row.dead_letter_id)}
            isStale={letters.isPlaceholderData}
            choice={mayChange ? { selected, onChange: choose, nameOf: (row) => row.sg_event_id } : undefined}
          />
          <Pager
            paging={paging}
            pagination={letters.data.pagination}
            shown={rows.length}
            what="dead letters"
          />
        </>
      )}
      {isDiscarding && (
        <Dialog
          isOpen
          role="alertdialog"
          title={`Discard ${what}?`}
          onClose={() => setDiscarding(false)}
          isBusy={discard.isPending}
          footer={
            <>
              <Button onPress={() => setDiscarding(false)} autoFocus>
                Keep them
              </Button>
              <Button kind="danger" isDisabled={discard.isPending} onPress={() => discard.mutate()}>
                Discard
              </Button>
            </>
          }
        >
          <div className="grid gap-3">
            <p>
              They will never reach this destination. The events themselves stay in the log for as long as it
              is kept.
            </p>
            {discard.isError && <FailureNotice error={discard.error} what="Nothing was discarded" />}
          </div>
        </Dialog>
      )}
    </Section>
  );
}
