/** Sends what deleted integrations were not sent any more to another one. */
import { useMutation } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { answered, api, once } from '../api/client.ts';
import { refresh } from '../api/queries.ts';
import { Button } from '../components/button.tsx';
import { IntegrationChoice } from '../components/integration-choice.tsx';
import { FailureNotice, Notice } from '../components/notice.tsx';
import { count, counted } from '../words.ts';
import type { Undelivered } from './undelivered.ts';

interface ReplayProps {
  readonly undelivered: readonly Undelivered[];
}

export function Replay({ undelivered }: ReplayProps) {
  const [target, setTarget] = useState({ id: '', name: '' });
  const { replay, started } = useReplay(undelivered, target.id);
  const events = undelivered.reduce((sum, each) => sum + each.events, 0);
  const isEstimate = undelivered.some((each) => each.isEstimate);
  if (replay.isSuccess) {
    return (
      <Notice
        tone="good"
        isNews
        title={`${counted(replay.data, 'event')} on ${replay.data === 1 ? 'its' : 'their'} way`}
      >
        <p>
          They are sent to <bdi>{target.name}</bdi>.
        </p>
      </Notice>
    );
  }
  return (
    <div className="grid gap-3 rounded-lg border p-4">
      <h3 className="font-semibold">
        {isEstimate && 'About '}
        {counted(events, 'event')} {events === 1 ? 'was' : 'were'} not delivered
      </h3>
      <IntegrationChoice
        label="Replay them to"
        help="As long as the log keeps them. Some may arrive that the deleted one had received already."
        kind={{ category: 'customer_data' }}
        // just deleted, they may still be in a list that was read before
        except={undelivered.map(({ id }) => id)}
        none="Choose an integration"
        value={target.id}
        onChange={(id, name) => setTarget({ id, name })}
        empty={
          <p className="text-muted">
            They can be replayed to another integration, as long as the log keeps them. Add one, then replay
            them from the entry of this delete in the audit log.
          </p>
        }
      />
      <div className="flex flex-wrap items-center gap-3">
        <Button
          icon="replay"
          isDisabled={target.id === '' || replay.isPending}
          onPress={() => replay.mutate()}
        >
          {replay.isPending ? 'Starting…' : `Replay ${counted(events, 'event')}`}
        </Button>
        {undelivered.length > 1 && (replay.isPending || replay.isError) && (
          <span role="status" className="text-sm text-muted">
            {count(started)} of {count(undelivered.length)} started
          </span>
        )}
      </div>
      {replay.isError && (
        <FailureNotice
          error={replay.error}
          what={
            started === 0
              ? 'The replay could not be started'
              : `${count(started)} of ${count(undelivered.length)} replays were started, then one could not be. Going on repeats none`
          }
        />
      )}
    </div>
  );
}

/** One replay for each source; begun again, it goes on where it stopped. */
function useReplay(undelivered: readonly Undelivered[], target: string) {
  /** How many events each source's replay has; it is started once. */
  const done = useRef(new Map<string, number>());
  const keys = useRef(new Map<string, ReturnType<typeof once>>());
  const [started, setStarted] = useState(0);
  const replay = useMutation({
    mutationFn: async () => {
      for (const { id } of undelivered) {
        if (done.current.has(id)) continue;
        const pair = `${id} ${target}`;
        // an answer may get lost after the replay was started
        const header = keys.current.get(pair) ?? once();
        keys.current.set(pair, header);
        const { data } = await answered(
          api.POST('/api/integrations/{integration_id}/replay', {
            params: { path: { integration_id: target }, header },
            body: { from_integration: id },
          }),
        );
        done.current.set(id, data.events);
        setStarted(done.current.size);
      }
      return [...done.current.values()].reduce((sum, events) => sum + events, 0);
    },
    onSettled: async () => await refresh('delivery', 'integrations', 'audit'),
  });
  return { replay, started };
}
