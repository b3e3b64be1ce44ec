/** How everything stands: what came in and went out, what waits, and which integrations need somebody. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import type { Schemas } from '../api/client.ts';
import { overviewQuery } from '../api/queries.ts';
import { Ago } from '../components/ago.tsx';
import { ButtonLink } from '../components/button.tsx';
import { EventFlow, StandingOverTime } from '../components/event-flow.tsx';
import { Empty, FailureNotice, Loading } from '../components/notice.tsx';
import { Page, Section } from '../components/page.tsx';
import { SpanChoice, spanOf } from '../components/span-choice.tsx';
import { StateBadge } from '../components/state-badge.tsx';
import { usePermission } from '../use-permission.ts';
import { asSentence, count, counted, duration } from '../words.ts';

export function Overview() {
  const [span, setSpan] = useState('hour');
  const overview = useQuery(overviewQuery(spanOf(span)));
  const mayCreate = usePermission('integrations:create');
  return (
    <Page title="Overview" lead="What came in, what went out, and what needs a look.">
      {overview.isPending && <Loading what="the overview" />}
      {overview.isError && (
        <FailureNotice
          error={overview.error}
          what="The overview could not be loaded"
          onRetry={overview.refetch}
        />
      )}
      {overview.data && (
        <>
          {overview.data.totals.integrations === 0 && <FirstSteps mayCreate={mayCreate} />}
          <Totals totals={overview.data.totals} />
          <Section title="Events" actions={<SpanChoice value={span} onChange={setSpan} />}>
            <EventFlow label="Events over time" steps={overview.data.steps} />
          </Section>
          <Section title="Waiting and dead letters" lead="How many there were at the end of each step.">
            <StandingOverTime steps={overview.data.steps} />
          </Section>
          <Section
            title="Needs a look"
            lead="Those that fail first, then those with dead letters, then the paused ones."
          >
            <Unhealthy items={overview.data.unhealthy} />
          </Section>
        </>
      )}
    </Page>
  );
}

function Totals({ totals }: { readonly totals: Schemas['Overview']['totals'] }) {
  const oldest = totals.oldest_waiting_seconds;
  return (
    <dl className="grid grid-cols-2 gap-3 lg:grid-cols-4">
      <Figure name="Integrations" about={aboutOf(totals)}>
        {count(totals.integrations)}
      </Figure>
      <Figure
        name="Backing off"
        about="Their destination does not answer well"
        isBad={totals.backing_off > 0}
      >
        {count(totals.backing_off)}
      </Figure>
      <Figure
        name="Waiting events"
        about={oldest === null ? 'Nothing waits' : `The oldest for ${duration(oldest)}`}
      >
        {count(totals.waiting_events)}
      </Figure>
      <Figure name="Dead letters" about="Refused for what they hold" isBad={totals.dead_letters > 0}>
        {count(totals.dead_letters)}
      </Figure>
    </dl>
  );
}

function aboutOf({ integrations, running, paused, backing_off: failing }: Schemas['Overview']['totals']) {
  const silent = integrations - running - paused - failing;
  const said = `${count(running)} running, ${count(paused)} paused`;
  return silent > 0 ? `${said}, ${count(silent)} ${silent === 1 ? 'takes' : 'take'} no events` : said;
}

function Figure({
  name,
  about,
  isBad,
  children,
}: {
  readonly name: string;
  readonly about: string;
  readonly isBad?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <div className="panel flex flex-col gap-0.5 px-5 py-4">
      <dt className="text-sm text-muted">{name}</dt>
      <dd className={`text-3xl font-semibold tracking-tight tabular-nums ${isBad ? 'text-bad' : ''}`}>
        {children}
      </dd>
      <dd className="text-sm text-muted">{about}</dd>
    </div>
  );
}

function Unhealthy({ items }: { readonly items: Schemas['Overview']['unhealthy'] }) {
  if (items.length === 0)
    return <p className="px-5 py-6 text-muted">Nothing does. Every integration is running.</p>;
  return (
    <ul className="divide-y">
      {items.map((each) => (
        <li key={each.integration_id} className="grid gap-1 px-5 py-3">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <Link
              to="/integrations/$id"
              params={{ id: each.integration_id }}
              className="link font-medium wrap-anywhere"
            >
              {each.name}
            </Link>
            <StateBadge state={each.state} />
            <span className="ms-auto text-sm text-muted">
              {counted(each.waiting_events, 'event')} waiting · {counted(each.dead_letters, 'dead letter')}
            </span>
          </div>
          {each.last_error !== null && (
            <p className="text-sm text-muted wrap-anywhere">
              {asSentence(each.last_error)}
              {each.last_error_at !== null && (
                <>
                  , <Ago at={each.last_error_at} />
                </>
              )}
              {each.next_attempt_at !== null && (
                <>
                  . Next attempt <Ago at={each.next_attempt_at} />
                </>
              )}
            </p>
          )}
        </li>
      ))}
    </ul>
  );
}

function FirstSteps({ mayCreate }: { readonly mayCreate: boolean }) {
  return (
    <div className="panel">
      <Empty
        title="Two steps, and events flow"
        action={
          mayCreate && (
            <div className="flex flex-wrap justify-center gap-2">
              <ButtonLink to="/integrations/new" kind="primary" icon="add">
                Add an integration
              </ButtonLink>
              <ButtonLink to="/event-sources" icon="source">
                Connect SendGrid
              </ButtonLink>
            </div>
          )
        }
      >
        <p>
          First say where events go: add an integration. Then point SendGrid’s Event Webhook at an event
          source.{!mayCreate && ' Agent managers and admins of the organization can do both.'}
        </p>
      </Empty>
    </div>
  );
}
