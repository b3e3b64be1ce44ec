/**
 * Deleting, one or many. The dialog shows what the server says would happen, and offers nothing that it would refuse: it
 * rehearses the delete whenever something changes, and again right before it is carried out.
 */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { ApiError } from '../api/failure.ts';
import { refresh } from '../api/queries.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { TextField } from '../components/field.tsx';
import { FailureNotice, Loading, Notice } from '../components/notice.tsx';
import { count, counted } from '../words.ts';
import { type Attempt, attemptOf, carryOut, type Done, wasRefused } from './attempt.ts';
import { BlockedNotice } from './blocked.tsx';
import { DeletionResult } from './deletion-result.tsx';
import { DoomedList } from './doomed-list.tsx';
import { type Doomed, doomedQuery, goneOf, rehearsalQuery, type Verdict } from './rehearsal.ts';

/** More than this are not deleted by a slip of the hand. */
const typedFrom = 10;

interface DeleteDialogProps {
  readonly ids: readonly string[];
  readonly onClose: () => void;
  readonly onDeleted: (ids: readonly string[]) => void;
}

export function DeleteDialog({ ids: wanted, onClose, onDeleted }: DeleteDialogProps) {
  const [leftOut, setLeftOut] = useState<readonly string[]>([]);
  const [replaceWith, setReplaceWith] = useState<string>();
  const [typed, setTyped] = useState('');
  const [done, setDone] = useState<Done>();
  const ids = wanted.filter((id) => !leftOut.includes(id));
  const [uncertain, setUncertain] = useState<Attempt>();
  const client = useQueryClient();
  const rehearsal = rehearsalQuery(ids, replaceWith);
  // of what may have been carried out already nothing is asked but its answer
  const isOpen = done === undefined && uncertain === undefined;
  const verdict = useQuery({ ...rehearsal, enabled: ids.length > 0 && isOpen });
  const described = useQuery({ ...doomedQuery(wanted), enabled: isOpen });
  const doomed = (described.data ?? []).filter(({ id }) => ids.includes(id));
  const [refusal, setRefusal] = useState<string>();

  const deletion = useMutation({
    mutationFn: async () => {
      setRefusal(undefined);
      if (uncertain !== undefined) return await carryOut(uncertain);
      // the last look: what changed since the dialog was drawn is shown instead of tried
      const last = await client.fetchQuery({ ...rehearsal, staleTime: 0 });
      if (last.kind !== 'allowed') throw new Changed();
      const attempt = attemptOf({ ids, doomed, replaceWith });
      setUncertain(attempt);
      return await carryOut(attempt);
    },
    onSuccess: async (result) => {
      setUncertain(undefined);
      setDone(result);
      onDeleted(result.answer.data.map((each) => each.integration_id));
      await refresh('integrations', 'delivery', 'phone_numbers', 'audit');
    },
    onError: async (error) => {
      if (wasRefused(error)) setUncertain(undefined);
      const isRefused =
        error instanceof Changed || (error instanceof ApiError && [404, 409, 422].includes(error.status));
      if (!isRefused) return;
      setRefusal('Something changed while this was open. Nothing was deleted; this is how it stands now.');
      await verdict.refetch();
      await described.refetch();
    },
  });
  const leaveOut = (more: readonly string[]) => {
    setLeftOut([...leftOut, ...more]);
    // what somebody else deleted does not stay chosen
    const gone = goneOf(verdict.data).filter((id) => more.includes(id));
    if (gone.length > 0) onDeleted(gone);
  };

  if (done !== undefined) return <DeletionResult done={done} onClose={onClose} />;

  const mustType = ids.length > typedFrom;
  const isConfirmed = !mustType || typed.trim() === String(ids.length);
  const isReady =
    verdict.data?.kind === 'allowed' &&
    !verdict.isPlaceholderData &&
    described.data !== undefined &&
    doomed.length === ids.length &&
    uncertain === undefined &&
    isConfirmed;
  const isEmpty = ids.length === 0;
  // of one that somebody else deleted there is nothing to decide
  const isGone = ids.length === 1 && goneOf(verdict.data).length === 1;
  const isOver = isEmpty || isGone;
  const close = () => {
    if (isGone) onDeleted(ids);
    onClose();
  };
  const isUncertain = uncertain !== undefined && !deletion.isPending;
  return (
    <Dialog
      isOpen
      wide
      role="alertdialog"
      title={titleOf(wanted.length, ids.length)}
      onClose={close}
      isBusy={deletion.isPending}
      footer={
        <>
          <Button onPress={close} isDisabled={deletion.isPending} autoFocus>
            {isOver || isUncertain ? 'Close' : `Keep ${ids.length === 1 ? 'it' : 'them'}`}
          </Button>
          {!isOver && (
            <Button
              kind="danger"
              icon="trash"
              isDisabled={!isReady || deletion.isPending}
              onPress={() => deletion.mutate()}
            >
              {deletion.isPending ? 'Deleting…' : `Delete ${counted(ids.length, 'integration')}`}
            </Button>
          )}
        </>
      }
    >
      <div className="grid gap-4">
        {refusal !== undefined && <Notice tone="warn" isNews title={refusal} />}
        {deletion.isError && refusal === undefined && (
          <FailureNotice
            error={deletion.error}
            what={
              isUncertain
                ? 'It is not certain that the delete was carried out. Trying again is safe: it is done once'
                : 'The delete was not carried out'
            }
            onRetry={() => deletion.mutate()}
          />
        )}
        {(verdict.isError || described.isError) && uncertain === undefined && (
          <FailureNotice
            error={verdict.error ?? described.error}
            what="What the delete would do could not be found out"
            onRetry={async () => await Promise.all([verdict.refetch(), described.refetch()])}
          />
        )}
        {isEmpty && <Notice tone="info" title="Nothing is left to delete" isNews />}
        {verdict.data && described.data && !isEmpty && (
          <Answer
            verdict={verdict.data}
            isAsking={verdict.isPlaceholderData}
            doomed={doomed}
            ids={ids}
            replaceWith={replaceWith}
            onReplace={setReplaceWith}
            onLeaveOut={leaveOut}
          />
        )}
        {(verdict.isPending || verdict.isPlaceholderData || described.isPending) &&
          !isEmpty &&
          !verdict.isError && <Loading what="what would happen" />}
        {mustType && verdict.data?.kind === 'allowed' && described.data !== undefined && (
          <TextField
            label={`Type ${count(ids.length)} to confirm`}
            help="So many are not deleted by one click."
            inputMode="numeric"
            autoComplete="off"
            value={typed}
            onChange={setTyped}
            // below a long list it would not be seen otherwise; who is choosing a replacement is not drawn away
            autoFocus={replaceWith === undefined}
          />
        )}
      </div>
    </Dialog>
  );
}

function titleOf(wanted: number, left: number): string {
  if (left === 0) return 'Nothing is left to delete';
  return wanted === 1 ? 'Delete this integration?' : `Delete ${counted(left, 'integration')}?`;
}

interface AnswerProps {
  readonly verdict: Verdict;
  /** The verdict is that of the replacement before. */
  readonly isAsking: boolean;
  readonly doomed: readonly Doomed[];
  readonly ids: readonly string[];
  readonly replaceWith: string | undefined;
  readonly onReplace: (id: string | undefined) => void;
  readonly onLeaveOut: (ids: readonly string[]) => void;
}

function Answer({ verdict, isAsking, doomed, ids, replaceWith, onReplace, onLeaveOut }: AnswerProps) {
  const heading = useId();
  const offenders = verdict.kind === 'blocked' ? verdict.offenders : [];
  const waiting = doomed.reduce((sum, each) => sum + (each.waiting ?? 0), 0);
  return (
    <>
      {(verdict.kind !== 'allowed' || replaceWith !== undefined || isAsking) && (
        <BlockedNotice
          verdict={verdict}
          isAsking={isAsking}
          doomed={doomed}
          ids={ids}
          replaceWith={replaceWith}
          onReplace={onReplace}
          onLeaveOut={onLeaveOut}
        />
      )}
      {ids.length > goneOf(verdict).length && (
        <section aria-labelledby={heading} className="grid gap-2">
          <h3 id={heading} className="font-semibold">
            What is deleted
          </h3>
          <DoomedList doomed={doomed} offenders={offenders} />
        </section>
      )}
      {verdict.kind === 'allowed' && !isAsking && (
        <Consequences moved={verdict.moved} waiting={waiting} doomed={doomed} />
      )}
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
