/** What was deleted, to read and to copy, and where the events that were not delivered can still go. */
import { useQuery } from '@tanstack/react-query';
import { Button } from '../components/button.tsx';
import { CopyButton } from '../components/copy.tsx';
import { Dialog } from '../components/dialog.tsx';
import { FailureNotice, Notice } from '../components/notice.tsx';
import { counted } from '../words.ts';
import type { Done } from './attempt.ts';
import { Replay } from './replay.tsx';
import { findUndelivered, report } from './undelivered.ts';

export function DeletionResult({ done, onClose }: { readonly done: Done; readonly onClose: () => void }) {
  const { answer } = done;
  const undelivered = useQuery({
    queryKey: ['deleted', answer.data.map((each) => each.integration_id)],
    queryFn: async () => await findUndelivered(done),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const lost = undelivered.data?.filter(({ events }) => events > 0) ?? [];
  const moved = answer.moved_phone_numbers ?? 0;
  return (
    <Dialog
      isOpen
      wide
      title={`${counted(answer.data.length, 'integration')} deleted`}
      onClose={onClose}
      footer={
        <>
          <CopyButton
            text={report(done, undelivered.data)}
            label="Copy the result"
            // a copy is kept: it waits for the figures
            isDisabled={undelivered.isPending}
          />
          <Button kind="primary" onPress={onClose} autoFocus>
            Done
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <Notice tone="good" isNews title={`${counted(answer.data.length, 'integration')} deleted`}>
          <p>
            {moved > 0 && `${counted(moved, 'phone number')} moved first. `}
            Nothing is sent for {answer.data.length === 1 ? 'it' : 'them'} any more, and the stored
            credentials are destroyed.
          </p>
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
        {lost.length > 0 && <Replay undelivered={lost} />}
      </div>
    </Dialog>
  );
}
