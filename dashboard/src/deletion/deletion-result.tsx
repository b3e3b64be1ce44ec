/** What was deleted, to read and to copy, and where the events that were not delivered can still go. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { answered, api, once } from '../api/client.ts';
import { integrationsQuery, refresh } from '../api/queries.ts';
import { Button } from '../components/button.tsx';
import { CopyButton } from '../components/copy.tsx';
import { Dialog } from '../components/dialog.tsx';
import { SelectField } from '../components/field.tsx';
import { FailureNotice, Notice } from '../components/notice.tsx';
import { counted } from '../words.ts';
import type { Done } from './delete-dialog.tsx';

/** Each needs a look into the audit log and a replay of its own. */
const mostLookedUp = 50;

interface Undelivered {
  readonly id: string;
  readonly name: string;
  readonly events: number;
}

export function DeletionResult({ done, onClose }: { readonly done: Done; readonly onClose: () => void }) {
  const { answer } = done;
  const undelivered = useQuery({
    queryKey: ['deleted', answer.data.map((each) => each.integration_id)],
    queryFn: async () => await findUndelivered(done),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const moved = answer.moved_phone_numbers ?? 0;
  return (
    <Dialog
      isOpen
      wide
      title={`${counted(answer.data.length, 'integration')} deleted`}
      onClose={onClose}
      footer={
        <>
          <CopyButton text={report(done, undelivered.data ?? [])} label="Copy the result" />
          <Button kind="primary" onPress={onClose} autoFocus>
            Done
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <Notice tone="good" isNews title={`${counted(answer.data.length, 'integration')} deleted`}>
          {moved > 0 && <p>{counted(moved, 'phone number')} moved first.</p>}
        </Notice>
        <ul
          className="max-h-60 divide-y overflow-y-auto rounded-lg border"
          tabIndex={0}
          aria-label="Deleted integrations"
        >
          {answer.data.map(({ integration_id: id, name }) => (
            <li key={id} className="flex flex-wrap justify-between gap-x-3 px-3 py-2">
              <span className="wrap-anywhere">{name}</span>
              <span className="code text-muted">{id}</span>
            </li>
          ))}
        </ul>
        {undelivered.isError && (
          <FailureNotice
            error={undelivered.error}
            what="What was not delivered could not be read"
            onRetry={undelivered.refetch}
          />
        )}
        {undelivered.data && undelivered.data.length > 0 && (
          <Replay undelivered={undelivered.data} deleted={answer.data.map((each) => each.integration_id)} />
        )}
      </div>
    </Dialog>
  );
}

function Replay({
  undelivered,
  deleted,
}: {
  readonly undelivered: readonly Undelivered[];
  readonly deleted: readonly string[];
}) {
  const events = undelivered.reduce((sum, each) => sum + each.events, 0);
  const [target, setTarget] = useState('');
  const list = useQuery(integrationsQuery({ category: 'customer_data', limit: 100, sort: 'name' }));
  const others = (list.data?.data ?? []).filter(({ integration_id: id }) => !deleted.includes(id));
  const replay = useMutation({
    mutationFn: async () => {
      let sent = 0;
      for (const { id } of undelivered) {
        const started = await answered(
          api.POST('/api/integrations/{integration_id}/replay', {
            params: { path: { integration_id: target }, header: once() },
            body: { from_integration: id },
          }),
        );
        sent += started.data.events;
      }
      return sent;
    },
    onSuccess: async () => await refresh('delivery', 'integrations', 'audit'),
  });
  if (replay.isSuccess) {
    return (
      <Notice tone="good" isNews title={`${counted(replay.data, 'event')} on their way`}>
        <p>They are sent to {others.find((each) => each.integration_id === target)?.name ?? target}.</p>
      </Notice>
    );
  }
  return (
    <div className="grid gap-3 rounded-lg border p-4">
      <h3 className="font-semibold">{counted(events, 'event')} were not delivered</h3>
      {others.length === 0 && list.data ? (
        <p className="text-muted">
          They can be replayed to another integration, as long as the log keeps them. Add one, then delete and
          replay are found in the audit log.
        </p>
      ) : (
        <>
          <SelectField
            label="Replay them to"
            help="As long as the log keeps them. Some may arrive that the deleted one had received already."
            value={target}
            onChange={setTarget}
            choices={[
              { value: '', label: 'Choose an integration' },
              ...others.map(({ integration_id: id, name }) => ({ value: id, label: `${name} (${id})` })),
            ]}
          />
          <div>
            <Button
              icon="replay"
              isDisabled={target === '' || replay.isPending}
              onPress={() => replay.mutate()}
            >
              {replay.isPending ? 'Starting…' : `Replay ${counted(events, 'event')}`}
            </Button>
          </div>
        </>
      )}
      {replay.isError && <FailureNotice error={replay.error} what="The replay could not be started" />}
    </div>
  );
}

/** The audit log has the exact numbers; who may not read it is told what was waiting before. */
async function findUndelivered({ doomed, answer }: Done): Promise<readonly Undelivered[]> {
  const forwarding = doomed.filter(({ waiting }) => waiting !== undefined).slice(0, mostLookedUp);
  const found: Undelivered[] = [];
  for (const { id, name, waiting = 0 } of forwarding) {
    if (!answer.data.some((each) => each.integration_id === id)) continue;
    const { data } = await api.GET('/api/audit-log', {
      params: { query: { target_id: id, action: 'integration.deleted', limit: 1 } },
    });
    const written = data?.data[0]?.details['undelivered_events'];
    const events = typeof written === 'number' ? written : waiting;
    if (events > 0) found.push({ id, name, events });
  }
  return found;
}

function report({ answer, replaceWith }: Done, undelivered: readonly Undelivered[]): string {
  const lost = new Map(undelivered.map((each) => [each.id, each.events]));
  return [
    `Deleted ${counted(answer.data.length, 'integration')} on ${new Date().toISOString()}`,
    ...answer.data.map(
      ({ integration_id: id, name }) => `${id}\t${name}\t${lost.get(id) ?? 0} undelivered events`,
    ),
    ...(replaceWith ? [`Phone numbers moved to ${replaceWith}: ${answer.moved_phone_numbers ?? 0}`] : []),
  ].join('\n');
}
