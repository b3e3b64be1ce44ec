/**
 * Deleting, one or many. The dialog shows what the server says would happen, and offers nothing that it would refuse: it
 * rehearses the delete whenever something changes, and again right before it is carried out.
 */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { answered, api, once, type Schemas } from '../api/client.ts';
import { ApiError } from '../api/failure.ts';
import { refresh } from '../api/queries.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { TextField } from '../components/field.tsx';
import { FailureNotice, Loading, Notice } from '../components/notice.tsx';
import { count, counted } from '../words.ts';
import { BlockedNotice } from './blocked.tsx';
import { DeletionResult } from './deletion-result.tsx';
import { DoomedList } from './doomed-list.tsx';
import { bodyOf, type Doomed, doomedQuery, rehearsalQuery, type Verdict } from './rehearsal.ts';

/** More than this are not deleted by a slip of the hand. */
const typedFrom = 10;

interface DeleteDialogProps {
  readonly ids: readonly string[];
  readonly onClose: () => void;
  readonly onDeleted: (ids: readonly string[]) => void;
}

export interface Done {
  readonly answer: Schemas['DeletedIntegrations'];
  readonly doomed: readonly Doomed[];
  readonly replaceWith: string | undefined;
}

export function DeleteDialog({ ids: wanted, onClose, onDeleted }: DeleteDialogProps) {
  const [leftOut, setLeftOut] = useState<readonly string[]>([]);
  const [replaceWith, setReplaceWith] = useState<string>();
  const [typed, setTyped] = useState('');
  const [done, setDone] = useState<Done>();
  const ids = wanted.filter((id) => !leftOut.includes(id));
  const client = useQueryClient();
  const rehearsal = rehearsalQuery(ids, replaceWith);
  const verdict = useQuery({ ...rehearsal, enabled: ids.length > 0 && done === undefined });
  const described = useQuery({ ...doomedQuery(wanted), enabled: done === undefined });
  const doomed = (described.data ?? []).filter(({ id }) => ids.includes(id));
  const [refusal, setRefusal] = useState<string>();

  const deletion = useMutation({
    mutationFn: async () => {
      setRefusal(undefined);
      // the last look: what changed since the dialog was drawn is shown instead of tried
      const last = await client.fetchQuery({ ...rehearsal, staleTime: 0 });
      if (last.kind !== 'allowed') throw new Changed();
      const answer = await answered(
        api.POST('/api/integrations/bulk-delete', {
          params: { header: once() },
          body: bodyOf(ids, replaceWith, false),
        }),
      );
      return { answer, doomed, replaceWith };
    },
    onSuccess: async (result) => {
      setDone(result);
      onDeleted(result.answer.data.map((each) => each.integration_id));
      await refresh('integrations', 'delivery', 'phone_numbers', 'audit');
    },
    onError: async (error) => {
      const isRefused =
        error instanceof Changed || (error instanceof ApiError && [404, 409, 422].includes(error.status));
      if (!isRefused) return;
      setRefusal('Something changed while this was open. Nothing was deleted; this is how it stands now.');
      await verdict.refetch();
      await described.refetch();
    },
  });

  if (done !== undefined) return <DeletionResult done={done} onClose={onClose} />;

  const mustType = ids.length > typedFrom;
  const isConfirmed = !mustType || typed.trim() === String(ids.length);
  const isReady =
    verdict.data?.kind === 'allowed' &&
    described.data !== undefined &&
    doomed.length === ids.length &&
    isConfirmed;
  return (
    <Dialog
      isOpen
      wide
      role="alertdialog"
      title={
        wanted.length === 1 ? 'Delete this integration?' : `Delete ${counted(ids.length, 'integration')}?`
      }
      onClose={onClose}
      isBusy={deletion.isPending}
      footer={
        <>
          <Button onPress={onClose} isDisabled={deletion.isPending} autoFocus>
            Keep {wanted.length === 1 ? 'it' : 'them'}
          </Button>
          <Button
            kind="danger"
            icon="trash"
            isDisabled={!isReady || deletion.isPending}
            onPress={() => deletion.mutate()}
          >
            {deletion.isPending ? 'Deleting…' : `Delete ${counted(ids.length, 'integration')}`}
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        {refusal !== undefined && <Notice tone="warn" isNews title={refusal} />}
        {deletion.isError && refusal === undefined && (
          <FailureNotice
            error={deletion.error}
            what="It is not certain that the delete was carried out"
            onRetry={() => deletion.mutate()}
          />
        )}
        {(verdict.isError || described.isError) && (
          <FailureNotice
            error={verdict.error ?? described.error}
            what="What the delete would do could not be found out"
            onRetry={async () => await Promise.all([verdict.refetch(), described.refetch()])}
          />
        )}
        {ids.length === 0 && <Notice tone="info" title="Nothing is left to delete" isNews />}
        {verdict.data && described.data && ids.length > 0 && (
          <Answer
            verdict={verdict.data}
            doomed={doomed}
            ids={ids}
            replaceWith={replaceWith}
            onReplace={setReplaceWith}
            onLeaveOut={(more) => setLeftOut([...leftOut, ...more])}
          />
        )}
        {(verdict.isPending || described.isPending) && ids.length > 0 && !verdict.isError && (
          <Loading what="what would happen" />
        )}
        {mustType && verdict.data?.kind === 'allowed' && (
          <TextField
            label={`Type ${count(ids.length)} to confirm`}
            help="So many are not deleted by one click."
            inputMode="numeric"
            autoComplete="off"
            value={typed}
            onChange={setTyped}
          />
        )}
      </div>
    </Dialog>
  );
}

interface AnswerProps {
  readonly verdict: Verdict;
  readonly doomed: readonly Doomed[];
  readonly ids: readonly string[];
  readonly replaceWith: string | undefined;
  readonly onReplace: (id: string | undefined) => void;
  readonly onLeaveOut: (ids: readonly string[]) => void;
}

function Answer({ verdict, doomed, ids, replaceWith, onReplace, onLeaveOut }: AnswerProps) {
  const heading = useId();
  const offenders = verdict.kind === 'blocked' ? verdict.offenders : [];
  const waiting = doomed.reduce((sum, each) => sum + (each.waiting ?? 0), 0);
  return (
    <>
      {(verdict.kind !== 'allowed' || replaceWith !== undefined) && (
        <BlockedNotice
          verdict={verdict}
          doomed={doomed}
          ids={ids}
          replaceWith={replaceWith}
          onReplace={onReplace}
          onLeaveOut={onLeaveOut}
        />
      )}
      <section aria-labelledby={heading} className="grid gap-2">
        <h3 id={heading} className="font-semibold">
          What is deleted
        </h3>
        <DoomedList doomed={doomed} offenders={offenders} />
      </section>
      {verdict.kind === 'allowed' && <Consequences moved={verdict.moved} waiting={waiting} doomed={doomed} />}
    </>
  );
}

function Consequences({
  moved,
  waiting,
  doomed,
}: {
  readonly moved: number;
  readonly waiting: number;
  readonly doomed: readonly Doomed[];
}) {
  const forwarding = doomed.filter((each) => each.waiting !== undefined).length;
  return (
    <section aria-label="What happens" className="grid gap-2">
      <h3 className="font-semibold">What happens</h3>
      <ul className="grid list-disc gap-1 ps-5">
        {moved > 0 && (
          <li>
            {counted(moved, 'phone number')} {moved === 1 ? 'moves' : 'move'} to the other integration first,
            in the same step.
          </li>
        )}
        {forwarding > 0 && (
          <li>No further event is sent from the moment of the delete; a request on its way is cut off.</li>
        )}
        {waiting > 0 && (
          <li>
            <strong>{counted(waiting, 'waiting event')}</strong> will not be delivered. They stay in the log
            for the time it is kept, and can be replayed to another integration afterwards.
          </li>
        )}
        {waiting === 0 && forwarding > 0 && <li>No events are waiting.</li>}
        <li>The stored credentials are destroyed. This cannot be undone.</li>
      </ul>
    </section>
  );
}

class Changed extends Error {}
