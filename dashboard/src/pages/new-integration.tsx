/** A new integration: which application, its credentials as it asks for them, and which events it is to get. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { answered, api, type EmailEvent, once, type ProviderInfo, type Schemas } from '../api/client.ts';
import { ApiError } from '../api/failure.ts';
import { providersQuery, refresh } from '../api/queries.ts';
import { Button } from '../components/button.tsx';
import { EventSwitches } from '../components/event-switches.tsx';
import { TextField } from '../components/field.tsx';
import { say } from '../components/messages.tsx';
import { FailureNotice, Loading, Notice } from '../components/notice.tsx';
import { Page } from '../components/page.tsx';
import { initialValues, problemsOf, SchemaFields, type Values } from '../components/schema-fields.tsx';
import { usePermission } from '../use-permission.ts';
import { allEvents, categoryTitles, isolated } from '../words.ts';

export function NewIntegration() {
  const mayCreate = usePermission('integrations:create');
  const providers = useQuery({ ...providersQuery(), enabled: mayCreate });
  const [chosen, setChosen] = useState<string>();
  const provider = providers.data?.find((each) => each.provider === (chosen ?? providers.data[0]?.provider));
  return (
    <Page
      title="Add an integration"
      lead="The form asks for what the application needs, and for nothing else."
      above={
        <Link to="/integrations" className="link w-fit text-sm">
          All integrations
        </Link>
      }
    >
      {!mayCreate && (
        <Notice tone="info" title="Integrations are added by admins and agent managers">
          <p>Your role reads everything. Sign in with a key of another role to add one.</p>
        </Notice>
      )}
      {mayCreate && providers.isPending && <Loading what="the applications" />}
      {providers.isError && (
        <FailureNotice
          error={providers.error}
          what="The applications could not be loaded"
          onRetry={providers.refetch}
        />
      )}
      {mayCreate && providers.data && provider && (
        <div className="panel grid max-w-3xl gap-6 p-5 sm:p-6">
          <fieldset className="grid gap-2">
            <legend className="pb-2 font-medium">Application</legend>
            <div className="grid gap-3 sm:grid-cols-2">
              {providers.data.map((each) => (
                <ProviderCard
                  key={each.provider}
                  provider={each}
                  isChosen={each === provider}
                  onChoose={() => setChosen(each.provider)}
                />
              ))}
            </div>
          </fieldset>
          <CreationForm key={provider.provider} provider={provider} />
        </div>
      )}
    </Page>
  );
}

function ProviderCard({
  provider,
  isChosen,
  onChoose,
}: {
  readonly provider: ProviderInfo;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
}) {
  return (
    <label className="flex items-start gap-3 rounded-lg border border-edge p-4 has-checked:border-accent has-checked:bg-accent-soft has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent">
      <input
        type="radio"
        name="provider"
        className="mt-1 size-4 accent-accent-solid"
        checked={isChosen}
        onChange={onChoose}
      />
      <span>
        <span className="block font-medium">{provider.title}</span>
        <span className="text-sm text-muted">
          {categoryTitles[provider.category] ?? provider.category}.{' '}
          {provider.accepts_email_events ? 'Receives your email events.' : 'Serves your phone numbers.'}
          {provider.verifies_credentials && ' Its credentials are checked with it.'}
        </span>
      </span>
    </label>
  );
}

function CreationForm({ provider }: { readonly provider: ProviderInfo }) {
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [values, setValues] = useState<Values>(() => initialValues(provider));
  const [events, setEvents] = useState<readonly EmailEvent[]>(allEvents);
  const [problems, setProblems] = useState<ReadonlyMap<string, string>>(new Map());
  const creation = useMutation({
    mutationFn: async () => {
      const body = {
        name: name.trim(),
        // checked against the schema of the provider itself, which is where its form comes from
        credentials: values as Schemas['Credentials'],
        ...(provider.accepts_email_events && { filters: { email_events: [...events] } }),
      };
      return await answered(api.POST('/api/integrations', { params: { header: once() }, body }));
    },
    onSuccess: async ({ data }) => {
      say(`${isolated(data.name)} was added`);
      await refresh('integrations', 'delivery', 'audit');
      await navigate({ to: '/integrations/$id', params: { id: data.integration_id } });
    },
    onError: (error) => error instanceof ApiError && setProblems(error.problems),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const found = new Map(problemsOf(provider, values));
    if (name.trim() === '') found.set('name', 'Name is needed');
    setProblems(found);
    if (found.size === 0) creation.mutate();
    else focusFirstProblem(event.currentTarget);
  };
  return (
    <form className="grid gap-5" noValidate onSubmit={submit}>
      <TextField
        label="Name"
        help="What people here call it."
        value={name}
        onChange={setName}
        maxLength={100}
        problem={problems.get('name')}
      />
      <SchemaFields provider={provider} values={values} onChange={setValues} problems={problems} />
      {provider.accepts_email_events && <EventSwitches value={events} onChange={setEvents} />}
      {creation.isError && <FailureNotice error={creation.error} what={`${provider.title} was not added`} />}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" kind="primary" isDisabled={creation.isPending}>
          {creation.isPending ? 'Adding…' : `Add ${provider.title}`}
        </Button>
      </div>
    </form>
  );
}

/** Once the problems are drawn, the first field that has one is where to go on. */
export function focusFirstProblem(form: HTMLFormElement): void {
  requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}
