/** All integrations: found, sorted, chosen, and deleted in one go. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';
import type { Schemas } from '../api/client.ts';
import { type IntegrationQuery, integrationsQuery } from '../api/queries.ts';
import { Ago } from '../components/ago.tsx';
import { Badge } from '../components/badge.tsx';
import { Button, ButtonLink } from '../components/button.tsx';
import { type Column, DataTable } from '../components/data-table.tsx';
import { Empty, FailureNotice, Loading } from '../components/notice.tsx';
import { Page } from '../components/page.tsx';
import { Pager, usePaging } from '../components/pager.tsx';
import { StateBadge } from '../components/state-badge.tsx';
import { DeleteDialog } from '../deletion/delete-dialog.tsx';
import type { IntegrationSearch } from '../search.ts';
import { usePermission } from '../use-permission.ts';
import { count, counted, providerTitles } from '../words.ts';
import { IntegrationFilters } from './integration-filters.tsx';

type Listed = Schemas['ListedIntegration'];

const pageSize = 50;

export function Integrations() {
  const search = useSearch({ from: '/shell/integrations' });
  const navigate = useNavigate({ from: '/integrations' });
  const mayCreate = usePermission('integrations:create');
  const mayDelete = usePermission('integrations:delete');
  const paging = usePaging(JSON.stringify(search));
  const list = useQuery(integrationsQuery(toQuery(search, paging.cursor)));
  const [selected, setSelected] = useState<Readonly<Record<string, true>>>({});
  const [doomed, setDoomed] = useState<readonly string[]>();
  const chosen = Object.keys(selected);
  const rows = useMemo(() => list.data?.data ?? [], [list.data]);

  const set = (change: IntegrationSearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const columns = useColumns(search.sort ?? '-created_at', (sort) => set({ sort }));
  const isFiltered = Boolean(search.search || search.provider || search.category || search.state);

  return (
    <Page
      title="Integrations"
      lead="Where the email events of this organization go, and what its phone numbers are served through."
      actions={
        mayCreate && (
          <ButtonLink to="/integrations/new" kind="primary" icon="add">
            Add an integration
          </ButtonLink>
        )
      }
    >
      <div className="panel overflow-clip">
        <IntegrationFilters search={search} onChange={set} />
        {chosen.length > 0 && (
          <div
            role="region"
            aria-label="Selection"
            // in sight wherever in the list a row is ticked
            className="sticky top-13.5 z-10 flex flex-wrap items-center gap-x-4 gap-y-2 border-y bg-accent-soft px-5 py-2.5 lg:top-0"
          >
            <p role="status" className="font-medium">
              {counted(chosen.length, 'integration')} selected
            </p>
            <div className="ms-auto flex gap-2">
              <Button kind="quiet" aria-label="Clear the selection" onPress={() => setSelected({})}>
                Clear
              </Button>
              <Button kind="danger" icon="trash" onPress={() => setDoomed(chosen)}>
                Delete…
              </Button>
            </div>
          </div>
        )}
        <div className="border-t">
          {list.isPending && <Loading what="integrations" />}
          {list.isError && (
            <div className="p-5">
              <FailureNotice
                error={list.error}
                what="The integrations could not be loaded"
                onRetry={list.refetch}
              />
            </div>
          )}
          {list.data && rows.length > 0 && (
            <>
              <DataTable
                label="Integrations"
                rows={rows}
                columns={columns}
                idOf={(row) => row.integration_id}
                isStale={list.isPlaceholderData}
                choice={
                  mayDelete ? { selected, onChange: setSelected, nameOf: (row) => row.name } : undefined
                }
              />
              <Pager
                paging={paging}
                pagination={list.data.pagination}
                shown={rows.length}
                what="integrations"
              />
            </>
          )}
          {list.data &&
            rows.length === 0 &&
            (isFiltered ? (
              <NoMatch onReset={() => void navigate({ search: {} })} />
            ) : (
              <FirstSteps mayCreate={mayCreate} />
            ))}
        </div>
      </div>
      {doomed && (
        <DeleteDialog
          ids={doomed}
          onClose={() => setDoomed(undefined)}
          onDeleted={(ids) =>
            setSelected((before) =>
              Object.fromEntries(Object.entries(before).filter(([id]) => !ids.includes(id))),
            )
          }
        />
      )}
    </Page>
  );
}

function useColumns(order: string, onSort: (order: string) => void): readonly Column<Listed>[] {
  const sort = useRef(onSort);
  sort.current = onSort;
  return useMemo(() => {
    const by = (first: string, second: string) => ({
      orders: [first, second] as const,
      order,
      onSort: (next: string) => sort.current(next),
    });
    return [
      {
        label: 'Name',
        role: 'main',
        sort: by('name', '-name'),
        cell: ({ integration_id: id, name }) => (
          <>
            <Link to="/integrations/$id" params={{ id }} className="link font-medium wrap-anywhere">
              {name}
            </Link>
            <span className="code block text-muted">{id}</span>
          </>
        ),
      },
      { label: 'Provider', cell: ({ provider }) => providerTitles[provider] ?? provider },
      {
        label: 'State',
        cell: ({ delivery, status }) => (
          <span className="flex flex-wrap gap-1.5">
            {status === 'invalid_credentials' && <Badge tone="bad">Credentials refused</Badge>}
            {(delivery || status === 'active') && <StateBadge state={delivery?.state ?? 'not_forwarding'} />}
          </span>
        ),
      },
      {
        label: 'Waiting',
        role: 'number',
        sort: by('-waiting', 'waiting'),
        cell: ({ delivery }) =>
          delivery ? count(delivery.waiting_events) : <span className="text-muted">–</span>,
      },
      {
        label: 'Dead letters',
        role: 'number',
        cell: ({ delivery }) =>
          delivery ? (
            <span className={delivery.dead_letters > 0 ? 'font-semibold text-bad' : ''}>
              {count(delivery.dead_letters)}
            </span>
          ) : (
            <span className="text-muted">–</span>
          ),
      },
      {
        label: 'Last success',
        cell: ({ delivery }) =>
          delivery?.last_success_at ? (
            <Ago at={delivery.last_success_at} />
          ) : (
            <span className="text-muted">–</span>
          ),
      },
    ];
  }, [order]);
}

function FirstSteps({ mayCreate }: { readonly mayCreate: boolean }) {
  return (
    <Empty
      title="No integrations yet"
      action={
        mayCreate && (
          <ButtonLink to="/integrations/new" kind="primary" icon="add">
            Add the first integration
          </ButtonLink>
        )
      }
    >
      <p>
        An integration is a connection to one application: Segment receives your email events, Twilio serves
        your phone numbers.
      </p>
      <p>
        Begin with the write key of a Segment source. Then point SendGrid at an event source, and events flow.
      </p>
    </Empty>
  );
}

function NoMatch({ onReset }: { readonly onReset: () => void }) {
  return (
    <Empty title="Nothing matches" action={<Button onPress={onReset}>Show all integrations</Button>}>
      <p>No integration fits this search and these filters.</p>
    </Empty>
  );
}

function toQuery(search: IntegrationSearch, cursor: string | undefined): IntegrationQuery {
  const { provider, state, sort, category } = search;
  return {
    include: 'delivery',
    limit: pageSize,
    ...(search.search && { search: search.search }),
    ...(provider && { provider: [provider] }),
    ...(category && { category }),
    ...(state && { state: [state as Schemas['DeliveryState']] }),
    ...(sort && { sort: sort as NonNullable<IntegrationQuery['sort']> }),
    ...(cursor && { cursor }),
  };
}
