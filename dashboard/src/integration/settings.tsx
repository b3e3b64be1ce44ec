/** Name, filter and credentials of one integration, each changed by itself. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answered, api, type EmailEvent, type Integration, once, type Schemas } from '../api/client.ts';
import { ApiError } from '../api/failure.ts';
import { providersQuery, refresh } from '../api/queries.ts';
import { Button } from '../components/button.tsx';
import { EventSwitches } from '../components/event-switches.tsx';
import { TextField } from '../components/field.tsx';
import { say } from '../components/messages.tsx';
import { FailureNotice, Notice } from '../components/notice.tsx';
import { Section } from '../components/page.tsx';
import { initialValues, problemsOf, SchemaFields, type Values } from '../components/schema-fields.tsx';
import { focusFirstProblem } from '../pages/new-integration.tsx';
import { usePermission } from '../use-permission.ts';
import { time } from '../words.ts';

interface SettingsProps {
  readonly integration: Integration;
  readonly etag: string;
}

export function Settings({ integration, etag }: SettingsProps) {
  const { settings } = integration;
  const events = settings?.email_events;
  return (
    <>
      <Section
        title="Name"
        lead={`Added ${time(integration.created_at)}, changed ${time(integration.updated_at)}`}
      >
        <Rename key={integration.integration_id} integration={integration} etag={etag} />
      </Section>
      {events && (
        <Section title="Filter" lead="A change holds for the events that come in from then on.">
          <Filter key={integration.integration_id} integration={integration} etag={etag} events={events} />
        </Section>
      )}
      <Rotate integration={integration} etag={etag} />
    </>
  );
}

function useChange({ integration, etag }: SettingsProps, said: string) {
  return useMutation({
    mutationFn: async (body: Schemas['IntegrationChange']) =>
      await answered(
        api.PUT('/api/integrations/{integration_id}', {
          // what somebody else changed meanwhile is not overwritten
          params: {
            path: { integration_id: integration.integration_id },
            header: { 'If-Match': etag, ...once() },
          },
          body,
        }),
      ),
    onSuccess: async () => {
      say(said);
      await refresh('integrations', 'delivery', 'audit');
    },
  });
}

/** What is being typed stays, whatever is stored meanwhile; until something is typed, the stored one is shown. */
function useDraft<T>(stored: T, storedAs: string) {
  const [draft, setDraft] = useState<{ readonly value: T; readonly begunOn: string }>();
  return {
    value: draft === undefined ? stored : draft.value,
    set: (value: T) => setDraft({ value, begunOn: draft?.begunOn ?? storedAs }),
    reset: () => setDraft(undefined),
    /** Whether another one was stored since. */
    isOvertaken: draft !== undefined && draft.begunOn !== storedAs,
  };
}

function Rename({ integration, etag }: SettingsProps) {
  const { value: name, set, reset, isOvertaken } = useDraft(integration.name, integration.name);
  const change = useChange({ integration, etag }, 'The name was changed');
  const mayChange = usePermission('integrations:update');
  const isNew = name.trim() !== '' && name.trim() !== integration.name;
  return (
    <form
      className="grid max-w-xl gap-4 p-5"
      onSubmit={(event) => {
        event.preventDefault();
        if (isNew) change.mutate({ name: name.trim() }, { onSuccess: reset });
      }}
    >
      <TextField label="Name" value={name} onChange={set} maxLength={100} isDisabled={!mayChange} />
      {isOvertaken && isNew && (
        <Notice
          tone="warn"
          isNews
          title={
            <>
              Somebody renamed it to “<bdi>{integration.name}</bdi>” meanwhile
            </>
          }
        >
          <p>Saving replaces that name with yours.</p>
        </Notice>
      )}
      {change.isError && <FailureNotice error={change.error} what="The name was not changed" />}
      {mayChange && (
        <div>
          <Button type="submit" isDisabled={!isNew || change.isPending}>
            Save the name
          </Button>
        </div>
      )}
    </form>
  );
}

function Filter({ integration, etag, events }: SettingsProps & { readonly events: readonly EmailEvent[] }) {
  const { value, set, reset, isOvertaken } = useDraft(events, events.toSorted().join());
  const change = useChange({ integration, etag }, 'The filter was changed');
  const mayChange = usePermission('integrations:update');
  const isNew = value.toSorted().join() !== events.toSorted().join();
  return (
    <div className="grid gap-4 p-5">
      <EventSwitches value={value} onChange={set} isDisabled={!mayChange} />
      {isOvertaken && isNew && (
        <Notice tone="warn" isNews title="Somebody changed the filter meanwhile">
          <p>Saving replaces it with what you see here.</p>
          <div className="pt-1">
            <Button onPress={reset}>Show theirs</Button>
          </div>
        </Notice>
      )}
      {change.isError && <FailureNotice error={change.error} what="The filter was not changed" />}
      {mayChange && (
        <div className="flex items-center gap-3">
          <Button
            kind="primary"
            isDisabled={!isNew || change.isPending}
            onPress={() => change.mutate({ filters: { email_events: [...value] } }, { onSuccess: reset })}
          >
            Save the filter
          </Button>
          <span role="status" className="text-sm text-muted">
            {isNew && 'Not saved yet'}
          </span>
        </div>
      )}
    </div>
  );
}

function Rotate({ integration, etag }: SettingsProps) {
  const providers = useQuery(providersQuery());
  const mayChange = usePermission('integrations:update');
  const provider = providers.data?.find((each) => each.provider === integration.provider);
  const [values, setValues] = useState<Values>();
  const [problems, setProblems] = useState<ReadonlyMap<string, string>>(new Map());
  const change = useChange({ integration, etag }, 'The credentials were replaced');
  if (!provider || !mayChange) return null;
  const kept = integration.settings?.destination_region;
  const entered = values ?? { ...initialValues(provider), ...(kept && { destination_region: kept }) };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const found = problemsOf(provider, entered);
    setProblems(found);
    if (found.size > 0) {
      focusFirstProblem(event.currentTarget);
      return;
    }
    change.mutate(
      // checked against the schema of the provider itself, which is where its form comes from
      { credentials: entered as Schemas['Credentials'] },
      {
        onSuccess: () => setValues(undefined),
        onError: (error) => error instanceof ApiError && setProblems(error.problems),
      },
    );
  };
  const title = provider.accepts_email_events ? 'Rotate the write key' : 'Rotate the credentials';
  return (
    <Section
      title={title}
      lead="The stored ones are replaced as a whole. They are never shown, not even here."
    >
      <form className="grid max-w-xl gap-4 p-5" noValidate onSubmit={submit}>
        <SchemaFields provider={provider} values={entered} onChange={setValues} problems={problems} />
        {change.isError && <FailureNotice error={change.error} what="The credentials were not replaced" />}
        <div>
          <Button type="submit" isDisabled={change.isPending || values === undefined}>
            Replace the credentials
          </Button>
        </div>
      </form>
    </Section>
  );
}
