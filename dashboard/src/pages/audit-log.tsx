/** The audit log: filtered, and exported as it is filtered. */
import { useMutation } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { answered, api } from '../api/client.ts';
import type { AuditQuery } from '../api/queries.ts';
import { AuditEntries } from '../components/audit-entries.tsx';
import { Button } from '../components/button.tsx';
import { SelectField, TextField } from '../components/field.tsx';
import { say } from '../components/messages.tsx';
import { FailureNotice, Notice } from '../components/notice.tsx';
import { Page } from '../components/page.tsx';
import type { AuditSearch } from '../search.ts';
import { usePermission } from '../use-permission.ts';

const actions = [
  'integration.created',
  'integration.updated',
  'integration.deleted',
  'integration.paused',
  'integration.resumed',
  'integration.replayed',
  'dead_letters.retried',
  'dead_letters.discarded',
  'phone_number.created',
  'phone_number.updated',
  'phone_number.reassigned',
  'phone_number.deleted',
  'api_key.created',
  'api_key.updated',
  'api_key.deleted',
  'api_key.revoked',
  'event_source.created',
  'event_source.updated',
  'event_source.deleted',
  'organization.created',
  'organization.updated',
  'session.started',
  'session.ended',
];

type Format = 'jsonl' | 'csv';

export function AuditLog() {
  const search = useSearch({ from: '/shell/audit-log' });
  const mayRead = usePermission('audit_log:read');
  const query = toQuery(search);
  const download = useMutation({
    mutationFn: async (format: Format) => {
      const params = { query: { ...query, format } };
      save(await answered(api.GET('/api/audit-log/export', { params, parseAs: 'blob' })), format);
    },
    onSuccess: () => say('The audit log was exported'),
  });
  const exporting = download.isPending ? download.variables : undefined;
  return (
    <Page
      title="Audit log"
      lead="Who did what to what, when, and by which request. Entries cannot be changed."
      actions={
        mayRead && (
          <>
            <Button icon="download" isDisabled={download.isPending} onPress={() => download.mutate('jsonl')}>
              {exporting === 'jsonl' ? 'Exporting…' : 'Export these entries'}
            </Button>
            <Button isDisabled={download.isPending} onPress={() => download.mutate('csv')}>
              {exporting === 'csv' ? 'Exporting…' : 'Export as CSV'}
            </Button>
          </>
        )
      }
    >
      {download.isError && <FailureNotice error={download.error} what="The export failed" />}
      {mayRead ? (
        <div className="panel overflow-hidden">
          <Filters key={JSON.stringify(search)} search={search} />
          <div className="border-t">
            <AuditEntries query={query} />
          </div>
        </div>
      ) : (
        <Notice tone="info" title="The audit log is for admins">
          <p>Sign in with a key of the role admin to read it.</p>
        </Notice>
      )}
    </Page>
  );
}

function Filters({ search }: { readonly search: AuditSearch }) {
  const navigate = useNavigate({ from: '/audit-log' });
  const [values, setValues] = useState(search);
  const set = (change: AuditSearch) => setValues({ ...values, ...change });
  const apply = (event: FormEvent) => {
    event.preventDefault();
    void navigate({ search: Object.fromEntries(Object.entries(values).filter(([, value]) => value !== '')) });
  };
  return (
    <search>
      <form className="grid items-end gap-3 p-4 sm:grid-cols-2 lg:grid-cols-5" onSubmit={apply}>
        <SelectField
          label="Action"
          value={values.action ?? ''}
          onChange={(action) => set({ action })}
          choices={[
            { value: '', label: 'Every action' },
            ...actions.map((value) => ({ value, label: value })),
          ]}
        />
        <TextField
          label="Target id"
          value={values.target_id ?? ''}
          onChange={(id) => set({ target_id: id.trim() })}
        />
        <TextField label="Actor id" value={values.actor ?? ''} onChange={(id) => set({ actor: id.trim() })} />
        <TextField label="From" type="date" value={values.from ?? ''} onChange={(from) => set({ from })} />
        <TextField label="Until" type="date" value={values.to ?? ''} onChange={(to) => set({ to })} />
        <div className="flex gap-2 sm:col-span-2 lg:col-span-5">
          <Button type="submit" kind="primary">
            Apply
          </Button>
          <Button onPress={() => void navigate({ search: {} })}>Clear</Button>
        </div>
      </form>
    </search>
  );
}

function toQuery({ action, actor, target_id, from, to }: AuditSearch): AuditQuery {
  return {
    ...(action && { action }),
    ...(actor && { actor }),
    ...(target_id && { target_id }),
    ...(from && { from: new Date(`${from}T00:00:00`).toISOString() }),
    ...(to && { to: dayAfter(to).toISOString() }),
  };
}

/** The end of a day is where the next one begins: what is asked for lies before it. */
function dayAfter(day: string): Date {
  const date = new Date(`${day}T00:00:00`);
  date.setDate(date.getDate() + 1);
  return date;
}

function save(file: Blob, format: Format): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = `audit-log-${new Date().toISOString().slice(0, 10)}.${format}`;
  link.click();
  URL.revokeObjectURL(link.href);
}
