/** Pause, resume, a test event, and replaying from a time. */
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { answered, api, type Delivery, once } from '../api/client.ts';
import { refresh } from '../api/queries.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { TextField } from '../components/field.tsx';
import { say } from '../components/messages.tsx';
import { FailureNotice, Notice } from '../components/notice.tsx';
import { usePermission } from '../use-permission.ts';
import { counted } from '../words.ts';

interface ActionsProps {
  readonly id: string;
  readonly state: Delivery['state'];
}

export function DeliveryActions({ id, state }: ActionsProps) {
  const mayChange = usePermission('integrations:update');
  const [isReplaying, setReplaying] = useState(false);
  const path = { integration_id: id };
  const pausing = useMutation({
    mutationFn: async (isToPause: boolean) => {
      const params = { path, header: once() };
      const { message } = isToPause
        ? await answered(api.POST('/api/integrations/{integration_id}/pause', { params }))
        : await answered(api.POST('/api/integrations/{integration_id}/resume', { params }));
      return message;
    },
    onSuccess: async (message) => {
      say(message);
      await refresh('delivery', 'integrations', 'audit');
    },
  });
  const test = useMutation({
    mutationFn: async () =>
      (await answered(api.POST('/api/integrations/{integration_id}/test', { params: { path } }))).data,
  });
  if (!mayChange) return null;
  const isPaused = state === 'paused';
  return (
    <div className="grid gap-3">
      <div className="flex flex-wrap gap-2">
        {/* one button for both: it keeps the focus of whoever pressed it */}
        <Button
          kind={isPaused ? 'primary' : 'plain'}
          icon={isPaused ? 'play' : 'pause'}
          isDisabled={pausing.isPending}
          onPress={() => pausing.mutate(!isPaused)}
        >
          {isPaused ? 'Resume' : 'Pause'}
        </Button>
        <Button icon="send" isDisabled={test.isPending} onPress={() => test.mutate()}>
          {test.isPending ? 'Sending…' : 'Send a test event'}
        </Button>
        <Button icon="replay" onPress={() => setReplaying(true)}>
          Replay from a time…
        </Button>
      </div>
      {pausing.isError && <FailureNotice error={pausing.error} what="Nothing was changed" />}
      {test.isError && <FailureNotice error={test.error} what="The test event was not sent" />}
      {test.data && (
        <Notice
          tone={test.data.outcome === 'delivered' ? 'good' : 'bad'}
          isNews
          title={
            test.data.outcome === 'delivered'
              ? 'The destination took the test event'
              : 'The destination did not take the test event'
          }
        >
          <p className="wrap-anywhere">
            {test.data.status === null ? 'No answer' : `Status ${test.data.status}`} after{' '}
            {test.data.latency_ms} ms
            {test.data.reason && `: ${test.data.reason}`}
          </p>
          {test.data.answer !== '' && (
            <pre className="code max-h-32 overflow-auto whitespace-pre-wrap">{test.data.answer}</pre>
          )}
          <p className="text-sm text-muted">
            Event <span className="code">{test.data.sg_event_id}</span>
          </p>
        </Notice>
      )}
      {isReplaying && <ReplayDialog id={id} onClose={() => setReplaying(false)} />}
    </div>
  );
}

const hourMs = 3_600_000;

function ReplayDialog({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const [from, setFrom] = useState(() => toLocal(new Date(Date.now() - hourMs)));
  const [to, setTo] = useState('');
  const replay = useMutation({
    mutationFn: async () =>
      await answered(
        api.POST('/api/integrations/{integration_id}/replay', {
          params: { path: { integration_id: id }, header: once() },
          body: { from: new Date(from).toISOString(), ...(to && { to: new Date(to).toISOString() }) },
        }),
      ),
    onSuccess: async ({ data }) => {
      say(`Replay started: ${counted(data.events, 'event')} on ${data.events === 1 ? 'its' : 'their'} way`);
      onClose();
      await refresh('delivery', 'integrations', 'audit');
    },
  });
  const isLate = Date.parse(from) > Date.now();
  const isTurned = to !== '' && Date.parse(to) <= Date.parse(from);
  const isUsable = !Number.isNaN(Date.parse(from)) && !isLate && !isTurned;
  return (
    <Dialog
      isOpen
      title="Replay from a time"
      onClose={onClose}
      isBusy={replay.isPending}
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            kind="primary"
            icon="replay"
            isDisabled={!isUsable || replay.isPending}
            onPress={() => replay.mutate()}
          >
            {replay.isPending ? 'Starting…' : 'Start the replay'}
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <p className="text-muted">
          Sends again what came in since then and passes the filter of now. Segment recognizes repeated events
          by their message ids; other readers of its data may not.
        </p>
        <TextField
          label="From"
          type="datetime-local"
          value={from}
          onChange={setFrom}
          problem={isLate ? 'Nothing has come in after now' : undefined}
          isRequired
        />
        <TextField
          label="Until"
          help="Empty: until now."
          type="datetime-local"
          value={to}
          onChange={setTo}
          problem={isTurned ? 'It ends before it begins' : undefined}
        />
        {replay.isError && <FailureNotice error={replay.error} what="The replay could not be started" />}
      </div>
    </Dialog>
  );
}

/** In the form of the browser's own field: local time, in minutes. */
function toLocal(date: Date): string {
  const minuteMs = 60_000;
  return new Date(date.getTime() - date.getTimezoneOffset() * minuteMs).toISOString().slice(0, 16);
}
