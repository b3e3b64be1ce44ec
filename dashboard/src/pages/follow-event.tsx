/** What became of one event: when it came in, and how it stands with every integration. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import type { Schemas } from '../api/client.ts';
import { ApiError } from '../api/failure.ts';
import { eventQuery } from '../api/queries.ts';
import { Badge } from '../components/badge.tsx';
import { Button } from '../components/button.tsx';
import { TextField } from '../components/field.tsx';
import { Empty, FailureNotice, Loading, Notice } from '../components/notice.tsx';
import { Page, Section } from '../components/page.tsx';
import { useNames } from '../use-names.ts';
import { counted, eventWords, time } from '../words.ts';

const fates = {
  delivered: { text: 'Delivered', tone: 'good' },
  waiting: { text: 'Waiting', tone: 'warn' },
  dead: { text: 'Dead letter', tone: 'bad' },
  filtered_out: { text: 'Filtered out', tone: 'plain' },
  integration_deleted: { text: 'Integration deleted before', tone: 'plain' },
} as const;

export function FollowEvent() {
  const { id = '' } = useSearch({ from: '/shell/follow' });
  const navigate = useNavigate({ from: '/follow' });
  const [text, setText] = useState(id);
  const event = useQuery(eventQuery(id));
  const isUnknown = event.error instanceof ApiError && event.error.status === 404;
  const submit = (submitted: FormEvent) => {
    submitted.preventDefault();
    void navigate({ search: { id: text.trim() } });
  };
  return (
    <Page title="Follow an event" lead="When it came in, and where it went.">
      <search className="panel p-5">
        <form className="flex flex-wrap items-end gap-3" onSubmit={submit}>
          <div className="min-w-60 grow">
            <TextField
              label="Event id"
              help="The sg_event_id that SendGrid gave the event."
              value={text}
              onChange={setText}
              code
            />
          </div>
          <Button type="submit" kind="primary" icon="follow" isDisabled={text.trim() === ''}>
            Follow
          </Button>
        </form>
      </search>
      {id === '' && (
        <Empty title="Which event?">
          <p>
            Every event of SendGrid has an id: it stands in the webhook’s posts as sg_event_id, and as a
            property of what Segment receives.
          </p>
        </Empty>
      )}
      {id !== '' && event.isPending && <Loading what="the event" />}
      {isUnknown && (
        <Notice tone="info" isNews title="No such event is in the log">
          <p>It never came in, or it is older than the log is kept.</p>
        </Notice>
      )}
      {event.isError && !isUnknown && (
        <FailureNotice error={event.error} what="The event could not be looked up" onRetry={event.refetch} />
      )}
      {event.data && !event.isError && <Way event={event.data} />}
    </Page>
  );
}

function Way({ event }: { readonly event: Schemas['FollowedEvent'] }) {
  const names = useNames(event.integrations.map((each) => each.integration_id));
  return (
    <Section
      title={event.event === null ? 'An event of an unknown kind' : `Event: ${eventWords[event.event].title}`}
      lead={
        <>
          {event.event !== null && `${eventWords[event.event].about} `}Came in {time(event.accepted_at)}
          {event.received > 1 && `, received ${counted(event.received, 'time')}`}
        </>
      }
    >
      {event.integrations.length === 0 ? (
        <p className="px-5 py-6 text-muted">There was no integration when it came in.</p>
      ) : (
        <ul className="divide-y">
          {event.integrations.map(({ integration_id: id, fate, reason }) => (
            <li key={id} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-5 py-3">
              <Link to="/integrations/$id" params={{ id }} className="link font-medium wrap-anywhere">
                {names.get(id) ?? <span className="code">{id}</span>}
              </Link>
              {names.has(id) && <span className="code text-muted">{id}</span>}
              <Badge tone={fates[fate].tone}>{fates[fate].text}</Badge>
              {reason !== null && <span className="text-sm text-muted wrap-anywhere">{reason}</span>}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
