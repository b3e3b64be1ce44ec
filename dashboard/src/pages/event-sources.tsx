/** Event sources: where SendGrid posts its events, with the values to paste into its settings. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answered, api, once, type Schemas } from '../api/client.ts';
import { ApiError } from '../api/failure.ts';
import { refresh, sourcesQuery } from '../api/queries.ts';
import { Badge } from '../components/badge.tsx';
import { Button } from '../components/button.tsx';
import { Confirm } from '../components/confirm.tsx';
import { CopyValue } from '../components/copy.tsx';
import { Dialog } from '../components/dialog.tsx';
import { TextField } from '../components/field.tsx';
import { say } from '../components/messages.tsx';
import { Empty, FailureNotice, Loading, Notice } from '../components/notice.tsx';
import { Page, Section } from '../components/page.tsx';
import { usePermission } from '../use-permission.ts';

type Source = Schemas['EventSource'];

export function EventSources() {
  const sources = useQuery(sourcesQuery());
  const mayCreate = usePermission('integrations:create');
  const mayDelete = usePermission('integrations:delete');
  const [edited, setEdited] = useState<Source | 'new'>();
  const [removed, setRemoved] = useState<Source>();
  const removal = useMutation({
    mutationFn: async ({ source_id }: Source) =>
      await answered(
        api.DELETE('/api/event-sources/{source_id}', { params: { path: { source_id }, header: once() } }),
      ),
    onSuccess: async ({ data }) => {
      say(`${data.name} was deleted`);
      setRemoved(undefined);
      await refresh('sources', 'audit');
    },
  });
  const add = mayCreate && (
    <Button kind="primary" icon="add" onPress={() => setEdited('new')}>
      Add a source
    </Button>
  );
  return (
    <Page
      title="Event sources"
      lead="Each has an address of its own that SendGrid’s Event Webhook posts to. Treat the address like a secret, or check signatures."
      actions={add}
    >
      {sources.isPending && <Loading what="event sources" />}
      {sources.isError && (
        <FailureNotice
          error={sources.error}
          what="The event sources could not be loaded"
          onRetry={sources.refetch}
        />
      )}
      {sources.data?.data.length === 0 && (
        <div className="panel">
          <Empty title="No event source" action={add}>
            <p>
              Without one no events come in. Add a source, then paste its address into SendGrid’s settings.
            </p>
          </Empty>
        </div>
      )}
      {sources.data?.data.map((source) => (
        <Section
          key={source.source_id}
          title={source.name}
          lead={<span className="code">{source.source_id}</span>}
          actions={
            <>
              {mayCreate && (
                <Button icon="edit" aria-label={`Edit ${source.name}`} onPress={() => setEdited(source)}>
                  Edit
                </Button>
              )}
              {mayDelete && (
                <Button
                  kind="warning"
                  icon="trash"
                  aria-label={`Delete ${source.name}`}
                  onPress={() => setRemoved(source)}
                >
                  Delete…
                </Button>
              )}
            </>
          }
        >
          <Instructions source={source} />
        </Section>
      ))}
      {edited !== undefined && (
        <SourceDialog source={edited === 'new' ? undefined : edited} onClose={() => setEdited(undefined)} />
      )}
      {removed && (
        <Confirm
          title={`Delete ${removed.name}?`}
          action="Delete"
          mutation={removal}
          onConfirm={() => removal.mutate(removed)}
          onClose={() => setRemoved(undefined)}
        >
          <p>
            Its address stops working at once. What SendGrid still posts to it is refused, and lost after 24
            hours.
          </p>
        </Confirm>
      )}
    </Page>
  );
}

function Instructions({ source }: { readonly source: Source }) {
  return (
    <div className="grid gap-4 p-5">
      <CopyValue label="HTTP Post URL" value={source.url} copyLabel="Copy the address" />
      <p className="flex flex-wrap items-center gap-2">
        {source.public_key === null ? (
          <Badge tone="warn">Signatures are not checked</Badge>
        ) : (
          <Badge tone="good">Signatures are checked</Badge>
        )}
      </p>
      <details>
        <summary className="link w-fit cursor-pointer">How to set it up in SendGrid</summary>
        <ol className="grid max-w-prose list-decimal gap-1.5 ps-6 pt-3">
          <li>Open Settings → Mail Settings → Event Webhooks and choose “Create new webhook”.</li>
          <li>Paste the address above into “Post URL”.</li>
          <li>
            Under “Actions to be posted” choose all of them. Filters here decide what goes on to which
            integration.
          </li>
          <li>Leave the authorization method at “None”.</li>
          <li>
            Turn “Signature Verification” on, save, and copy the verification key that SendGrid shows. Choose
            “Edit” here and paste it as the public key.
          </li>
          <li>Set the webhook to enabled and save.</li>
        </ol>
      </details>
    </div>
  );
}

function SourceDialog({
  source,
  onClose,
}: {
  readonly source: Source | undefined;
  readonly onClose: () => void;
}) {
  const [name, setName] = useState(source?.name ?? '');
  const [publicKey, setPublicKey] = useState(source?.public_key ?? '');
  const saving = useMutation({
    mutationFn: async () => {
      const values = { name: name.trim(), public_key: publicKey.trim() || null };
      if (source === undefined) {
        const body = { ...values, kind: 'sendgrid' as const };
        return await answered(api.POST('/api/event-sources', { params: { header: once() }, body }));
      }
      const params = { path: { source_id: source.source_id }, header: once() };
      return await answered(api.PUT('/api/event-sources/{source_id}', { params, body: values }));
    },
    onSuccess: async ({ data }) => {
      say(`${data.name} was saved`);
      onClose();
      await refresh('sources', 'audit');
    },
  });
  const problems = saving.error instanceof ApiError ? saving.error.problems : new Map<string, string>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    saving.mutate();
  };
  return (
    <Dialog
      isOpen
      title={source === undefined ? 'Add an event source' : `Edit ${source.name}`}
      onClose={onClose}
      isBusy={saving.isPending}
    >
      <form className="grid gap-4" onSubmit={submit}>
        <TextField
          label="Name"
          value={name}
          onChange={setName}
          maxLength={100}
          problem={problems.get('name')}
          autoFocus
        />
        <TextField
          label="Public key"
          help="The verification key that SendGrid shows. Empty: signatures are not checked."
          value={publicKey}
          onChange={setPublicKey}
          problem={problems.get('public_key')}
          long
          code
        />
        {publicKey.trim() === '' && (
          <Notice tone="warn">
            <p>Without it, whoever knows the address can post events.</p>
          </Notice>
        )}
        {saving.isError && <FailureNotice error={saving.error} what="The source was not saved" />}
        <div className="flex justify-end gap-2">
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" isDisabled={saving.isPending || name.trim() === ''}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
