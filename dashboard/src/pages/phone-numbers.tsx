/** Phone numbers: imported, changed, removed. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { answered, api, once, type PhoneNumber } from '../api/client.ts';
import { numbersQuery, refresh } from '../api/queries.ts';
import { Badge } from '../components/badge.tsx';
import { Button } from '../components/button.tsx';
import { Confirm } from '../components/confirm.tsx';
import { type Column, DataTable } from '../components/data-table.tsx';
import { SelectField } from '../components/field.tsx';
import { IntegrationChoice } from '../components/integration-choice.tsx';
import { say } from '../components/messages.tsx';
import { Empty, FailureNotice, Loading } from '../components/notice.tsx';
import { Page } from '../components/page.tsx';
import { Pager, useFilledPage, usePaging } from '../components/pager.tsx';
import { EditDialog } from '../numbers/edit-dialog.tsx';
import { ImportDialog } from '../numbers/import-dialog.tsx';
import { telephony } from '../numbers/telephony.ts';
import { useNames } from '../use-names.ts';
import { usePermission } from '../use-permission.ts';

export function PhoneNumbers() {
  const search = useSearch({ from: '/shell/phone-numbers' });
  const navigate = useNavigate({ from: '/phone-numbers' });
  const mayCreate = usePermission('phone_numbers:create');
  const mayUpdate = usePermission('phone_numbers:update');
  const mayDelete = usePermission('phone_numbers:delete');
  const paging = usePaging(JSON.stringify(search));
  const numbers = useQuery(
    numbersQuery({
      limit: 50,
      ...(search.integration && { integration_id: search.integration }),
      ...(isStatus(search.status) && { status: search.status }),
      ...(paging.cursor && { cursor: paging.cursor }),
    }),
  );
  const [isImporting, setImporting] = useState(false);
  const [edited, setEdited] = useState<PhoneNumber>();
  const [removed, setRemoved] = useState<PhoneNumber>();
  useFilledPage(paging, numbers.data?.data.length);
  const rows = numbers.data?.data ?? [];
  const nameOf = useNames([...rows.map((row) => row.integration_id), search.integration ?? null], telephony);
  const columns = useMemo(
    (): readonly Column<PhoneNumber>[] => [
      {
        label: 'Number',
        role: 'main',
        cell: ({ phone_number: number, phone_number_id: id }) => (
          <>
            <span className="font-medium tabular-nums">{number}</span>
            <span className="code block text-muted">{id}</span>
          </>
        ),
      },
      { label: 'Provider', cell: ({ provider }) => (provider === 'sip' ? 'SIP trunk' : 'Twilio') },
      {
        label: 'Integration',
        cell: ({ integration_id: id }) =>
          id === null ? (
            <span className="text-muted">None needed</span>
          ) : (
            <Link to="/integrations/$id" params={{ id }} className="link wrap-anywhere">
              {nameOf.get(id) ?? id}
            </Link>
          ),
      },
      { label: 'Calls', cell: callsOf },
      {
        label: 'Agent',
        cell: ({ assigned_agent_id: agent }) =>
          agent === null ? <Badge tone="plain">Free</Badge> : <Badge tone="info">{agent}</Badge>,
      },
      {
        label: 'Actions',
        role: 'actions',
        cell: (number) => (
          <span className="inline-flex gap-1">
            {mayUpdate && (
              <Button
                kind="quiet"
                aria-label={`Edit ${number.phone_number}`}
                onPress={() => setEdited(number)}
              >
                Edit
              </Button>
            )}
            {mayDelete && (
              <Button
                kind="quiet"
                aria-label={`Remove ${number.phone_number}`}
                onPress={() => setRemoved(number)}
              >
                Remove
              </Button>
            )}
          </span>
        ),
      },
    ],
    [nameOf, mayUpdate, mayDelete],
  );
  const removal = useMutation({
    mutationFn: async ({ phone_number_id }: PhoneNumber) =>
      await answered(
        api.DELETE('/api/phone-numbers/{phone_number_id}', {
          params: { path: { phone_number_id }, header: once() },
        }),
      ),
    onSuccess: async ({ data }) => {
      say(`${data.phone_number} was removed`);
      setRemoved(undefined);
      await refresh('phone_numbers', 'audit');
    },
  });
  const importButton = mayCreate && (
    <Button kind="primary" icon="add" onPress={() => setImporting(true)}>
      Import a number
    </Button>
  );
  return (
    <Page
      title="Phone numbers"
      lead="A number of Twilio refers to the integration that serves it, and keeps it from being deleted."
      actions={importButton}
    >
      <div className="panel overflow-hidden">
        <search className="grid gap-3 p-4 sm:grid-cols-[16rem_12rem_auto]">
          <IntegrationChoice
            compact
            label="Integration"
            kind={telephony}
            none="Every integration"
            names={nameOf}
            value={search.integration ?? ''}
            onChange={(integration) =>
              void navigate({ search: { ...search, integration: integration || undefined } })
            }
          />
          <SelectField
            compact
            label="Agent"
            value={search.status ?? ''}
            onChange={(status) => void navigate({ search: { ...search, status: status || undefined } })}
            choices={[
              { value: '', label: 'Free and assigned' },
              { value: 'free', label: 'Free' },
              { value: 'assigned', label: 'Assigned' },
            ]}
          />
        </search>
        <div className="border-t">
          {numbers.isPending && <Loading what="phone numbers" />}
          {numbers.isError && (
            <div className="p-5">
              <FailureNotice
                error={numbers.error}
                what="The numbers could not be loaded"
                onRetry={numbers.refetch}
              />
            </div>
          )}
          {numbers.data && rows.length === 0 && (
            <Empty title="No phone numbers" action={importButton}>
              <p>
                {search.integration || search.status
                  ? 'No number fits these filters.'
                  : 'Import a number of your Twilio account or of a SIP trunk. Twilio needs an integration first.'}
              </p>
            </Empty>
          )}
          {numbers.data && rows.length > 0 && (
            <>
              <DataTable
                label="Phone numbers"
                rows={rows}
                columns={columns}
                idOf={(row) => row.phone_number_id}
                isStale={numbers.isPlaceholderData}
              />
              <Pager
                paging={paging}
                pagination={numbers.data.pagination}
                shown={rows.length}
                what="numbers"
              />
            </>
          )}
        </div>
      </div>
      {isImporting && <ImportDialog onClose={() => setImporting(false)} />}
      {edited && <EditDialog number={edited} names={nameOf} onClose={() => setEdited(undefined)} />}
      {removed && (
        <Confirm
          title={`Remove ${removed.phone_number}?`}
          action="Remove"
          mutation={removal}
          onConfirm={() => removal.mutate(removed)}
          onClose={() => setRemoved(undefined)}
        >
          <p>
            {removed.assigned_agent_id === null
              ? 'It is assigned to nobody.'
              : `It is assigned to ${removed.assigned_agent_id}, who can no longer be reached by it.`}
          </p>
        </Confirm>
      )}
    </Page>
  );
}

function isStatus(text: string | undefined): text is PhoneNumber['status'] {
  return text === 'free' || text === 'assigned';
}

function callsOf({ supports_inbound: takes, supports_outbound: makes }: PhoneNumber): string {
  if (takes) return makes ? 'Taken and made' : 'Taken';
  return makes ? 'Made' : 'None';
}
