/** Event sources: where SendGrid posts its events, with the values to paste into its settings. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { answered, api, once, type Schemas } from '../api/client.ts';
import { refresh, sourcesQuery } from '../api/queries.ts';
import { Button } from '../components/button.tsx';
import { Confirm } from '../components/confirm.tsx';
import { say } from '../components/messages.tsx';
import { Empty, FailureNotice, Loading } from '../components/notice.tsx';
import { Page, Section } from '../components/page.tsx';
import { Pager, useFilledPage, usePaging } from '../components/pager.tsx';
import { Instructions } from '../sources/instructions.tsx';
import { RejectedElements } from '../sources/rejected.tsx';
import { SourceDialog } from '../sources/source-dialog.tsx';
import { usePermission } from '../use-permission.ts';
import { isolated } from '../words.ts';

type Source = Schemas['EventSource'];

export function EventSources() {
  const paging = usePaging('');
  const sources = useQuery(sourcesQuery(paging.cursor));
  useFilledPage(paging, sources.data?.data.length);
  const names = useMemo(
    () => new Map(sources.data?.data.map(({ source_id, name }) => [source_id, name])),
    [sources.data],
  );
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
      say(`${isolated(data.name)} was deleted`);
      setRemoved(undefined);
      await refresh('sources', 'audit');
    },
  });
  const add = mayCreate && (
    <Button
      kind="primary"
      icon="add"
      onPress={() => {
        // where the new one will stand
        paging.first();
        setEdited('new');
      }}
    >
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
      {sources.data && (paging.page > 0 || sources.data.pagination.next_cursor !== null) && (
        <div className="panel overflow-hidden">
          <Pager
            paging={paging}
            pagination={sources.data.pagination}
            shown={sources.data.data.length}
            what="sources"
          />
        </div>
      )}
      <RejectedElements listed={names} />
      {edited !== undefined && (
        <SourceDialog source={edited === 'new' ? undefined : edited} onClose={() => setEdited(undefined)} />
      )}
      {removed && (
        <Confirm
          title={
            <>
              Delete <bdi>{removed.name}</bdi>?
            </>
          }
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
