/** How the delivery of one integration stands, over time, and what can be done about it. */
import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { Delivery, Schemas } from '../api/client.ts';
import { statsQuery } from '../api/queries.ts';
import { Ago } from '../components/ago.tsx';
import { EventFlow } from '../components/event-flow.tsx';
import { FailureNotice, Loading, Notice } from '../components/notice.tsx';
import { Section } from '../components/page.tsx';
import { SpanChoice, spanOf } from '../components/span-choice.tsx';
import { asSentence, count, time } from '../words.ts';
import { DeliveryActions } from './delivery-actions.tsx';

export function DeliveryTab({
  id,
  delivery,
}: {
  readonly id: string;
  readonly delivery: UseQueryResult<Delivery>;
}) {
  const [span, setSpan] = useState('hour');
  const stats = useQuery(statsQuery(id, spanOf(span)));
  return (
    <>
      {delivery.isError && (
        <FailureNotice
          error={delivery.error}
          what="The state of the delivery could not be loaded"
          onRetry={delivery.refetch}
        />
      )}
      {/* above the notices: those come and go with what it does, and would move its buttons under the pointer */}
      {delivery.data && <DeliveryActions id={id} state={delivery.data.state} />}
      {delivery.data && <Standing delivery={delivery.data} />}
      <Section title="Events over time" actions={<SpanChoice value={span} onChange={setSpan} />}>
        {stats.isError && (
          <div className="p-5">
            <FailureNotice
              error={stats.error}
              what="The figures could not be loaded"
              onRetry={stats.refetch}
            />
          </div>
        )}
        {stats.isPending && <Loading what="the figures" />}
        {stats.data && <Figures steps={stats.data} />}
      </Section>
    </>
  );
}

function Standing({ delivery }: { readonly delivery: Delivery }) {
  const facts: readonly (readonly [string, ReactNode])[] = [
    ['Waiting events', count(delivery.waiting_events)],
    ['Dead letters', count(delivery.dead_letters)],
    ['Last success', delivery.last_success_at ? <Ago at={delivery.last_success_at} /> : 'None yet'],
    ['Replays under way', count(delivery.replays)],
  ];
  return (
    <>
      {delivery.state === 'backing_off' && (
        <Notice tone="bad" title="The destination does not take events at the moment">
          <p className="wrap-anywhere">
            {delivery.last_error && asSentence(delivery.last_error)}
            {delivery.last_error_at && (
              <>
                , <Ago at={delivery.last_error_at} />
              </>
            )}
            .
          </p>
          <p>
            Nothing is lost: events wait in order.
            {delivery.next_attempt_at && (
              <>
                {' '}
                The next attempt is <Ago at={delivery.next_attempt_at} /> ({time(delivery.next_attempt_at)}).
              </>
            )}
          </p>
        </Notice>
      )}
      {delivery.state === 'paused' && (
        <Notice tone="warn" title="Delivery is paused">
          <p>Events wait in order until somebody resumes it, as long as the log keeps them.</p>
        </Notice>
      )}
      <dl className="panel grid grid-cols-2 gap-x-6 gap-y-4 px-5 py-4 sm:grid-cols-4">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt className="text-sm text-muted">{name}</dt>
            <dd className="text-xl font-semibold tabular-nums">{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function Figures({ steps }: { readonly steps: readonly Schemas['DeliveryStep'][] }) {
  const last = steps.findLast(({ latency_ms: { p50 } }) => p50 !== null)?.latency_ms;
  return (
    <>
      <EventFlow label="Events of this integration over time" steps={steps} />
      {last && (
        <p className="border-t px-5 py-3 text-sm text-muted">
          Of the latest requests half were answered within {last.p50} ms, 95 % within {last.p95} ms, and 99 %
          within {last.p99} ms.
        </p>
      )}
    </>
  );
}
