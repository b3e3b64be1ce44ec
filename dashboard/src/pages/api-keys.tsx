/** API keys: made, shown once, revoked. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useMemo, useState } from 'react';
import { answered, api, once, type Schemas } from '../api/client.ts';
import { ApiError } from '../api/failure.ts';
import { keysQuery, refresh } from '../api/queries.ts';
import { Badge } from '../components/badge.tsx';
import { Button } from '../components/button.tsx';
import { Confirm } from '../components/confirm.tsx';
import { CopyValue } from '../components/copy.tsx';
import { type Column, DataTable } from '../components/data-table.tsx';
import { Dialog } from '../components/dialog.tsx';
import { SelectField, TextField } from '../components/field.tsx';
import { say } from '../components/messages.tsx';
import { Empty, FailureNotice, Loading, Notice } from '../components/notice.tsx';
import { Page } from '../components/page.tsx';
import { useManagesKeys } from '../use-permission.ts';
import { ago, time } from '../words.ts';

type Key = Schemas['ApiKey'];

const roles = {
  admin: 'Admin: everything, the audit log too',
  agent_manager: 'Agent manager: everything but the audit log',
  user: 'User: reads only',
} as const satisfies Record<Schemas['Role'], string>;

const isRole = (text: string): text is Schemas['Role'] => text in roles;

export function ApiKeys() {
  const isAllowed = useManagesKeys();
  const keys = useQuery({ ...keysQuery(), enabled: isAllowed });
  const [isCreating, setCreating] = useState(false);
  const [revoked, setRevoked] = useState<Key>();
  const columns = useMemo(
    (): readonly Column<Key>[] => [
      {
        label: 'Name',
        role: 'main',
        cell: ({ name, prefix }) => (
          <>
            <span className="font-medium wrap-anywhere">{name}</span>
            <span className="code block text-muted">{prefix}…</span>
          </>
        ),
      },
      { label: 'Role', cell: ({ role }) => roles[role].split(':')[0] },
      { label: 'Status', cell: (key) => <Status apiKey={key} /> },
      {
        label: 'Last used',
        cell: ({ last_used_at: used }) =>
          used === null ? <span className="text-muted">Never</span> : ago(used),
      },
      {
        label: 'Ends',
        cell: ({ expires_at: end }) => (end === null ? <span className="text-muted">Never</span> : time(end)),
      },
      {
        label: 'Actions',
        role: 'actions',
        cell: (key) =>
          key.status === 'active' && (
            <Button kind="quiet" aria-label={`Revoke ${key.name}`} onPress={() => setRevoked(key)}>
              Revoke
            </Button>
          ),
      },
    ],
    [],
  );
  const revocation = useMutation({
    mutationFn: async ({ key_id }: Key) =>
      await answered(api.DELETE('/api/api-keys/{key_id}', { params: { path: { key_id }, header: once() } })),
    onSuccess: async ({ message }) => {
      say(message);
      setRevoked(undefined);
      await refresh('keys', 'audit');
    },
  });
  return (
    <Page
      title="API keys"
      lead="For programs and people. A key is shown once, when it is made."
      actions={
        isAllowed && (
          <Button kind="primary" icon="add" onPress={() => setCreating(true)}>
            Create a key
          </Button>
        )
      }
    >
      {!isAllowed && (
        <Notice tone="info" title="Keys are managed by admins and agent managers">
          <p>Your role reads everything else.</p>
        </Notice>
      )}
      {isAllowed && (
        <div className="panel overflow-hidden">
          {keys.isPending && <Loading what="keys" />}
          {keys.isError && (
            <div className="p-5">
              <FailureNotice error={keys.error} what="The keys could not be loaded" onRetry={keys.refetch} />
            </div>
          )}
          {keys.data?.length === 0 && (
            <Empty title="No keys">
              <p>Create one for each program, so that it can be revoked by itself.</p>
            </Empty>
          )}
          {keys.data && keys.data.length > 0 && (
            <DataTable label="API keys" rows={keys.data} columns={columns} idOf={(row) => row.key_id} />
          )}
        </div>
      )}
      {isCreating && <CreateDialog onClose={() => setCreating(false)} />}
      {revoked && (
        <Confirm
          title={`Revoke ${revoked.name}?`}
          action="Revoke"
          mutation={revocation}
          onConfirm={() => revocation.mutate(revoked)}
          onClose={() => setRevoked(undefined)}
        >
          <p>
            Whoever uses it is refused from then on, people who signed in with it too. It cannot be made valid
            again.
          </p>
        </Confirm>
      )}
    </Page>
  );
}

function Status({ apiKey }: { readonly apiKey: Key }) {
  if (apiKey.status === 'revoked') return <Badge tone="plain">Revoked</Badge>;
  const hasEnded = apiKey.expires_at !== null && Date.parse(apiKey.expires_at) < Date.now();
  return hasEnded ? <Badge tone="warn">Expired</Badge> : <Badge tone="good">Active</Badge>;
}

function CreateDialog({ onClose }: { readonly onClose: () => void }) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Schemas['Role']>('agent_manager');
  const [end, setEnd] = useState('');
  const creation = useMutation({
    mutationFn: async () =>
      await answered(
        api.POST('/api/api-keys', {
          params: { header: once() },
          body: {
            name: name.trim(),
            role,
            expires_at: end === '' ? null : new Date(`${end}T23:59:59`).toISOString(),
          },
        }),
      ),
    onSuccess: async () => await refresh('keys', 'audit'),
  });
  if (creation.data) {
    return (
      <Dialog
        isOpen
        isOnce
        title="The key was made"
        onClose={onClose}
        footer={
          <Button kind="primary" onPress={onClose}>
            I have stored it
          </Button>
        }
      >
        <div className="grid gap-4">
          <Notice tone="warn" isNews title="Copy it now: it is not shown again" />
          <CopyValue label={creation.data.key.name} value={creation.data.raw_key} copyLabel="Copy the key" />
        </div>
      </Dialog>
    );
  }
  const problems = creation.error instanceof ApiError ? creation.error.problems : new Map<string, string>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    creation.mutate();
  };
  return (
    <Dialog isOpen title="Create a key" onClose={onClose} isBusy={creation.isPending}>
      <form className="grid gap-4" onSubmit={submit}>
        <TextField
          label="Name"
          help="What it is for, so that somebody knows whether it can be revoked."
          value={name}
          onChange={setName}
          maxLength={100}
          problem={problems.get('name')}
          autoFocus
        />
        <SelectField
          label="Role"
          value={role}
          onChange={(value) => isRole(value) && setRole(value)}
          choices={Object.entries(roles).map(([value, label]) => ({ value, label }))}
        />
        <TextField
          label="Last day"
          help="Empty: it does not end by itself."
          type="date"
          value={end}
          onChange={setEnd}
          problem={problems.get('expires_at')}
        />
        {creation.isError && <FailureNotice error={creation.error} what="The key was not made" />}
        <div className="flex justify-end gap-2">
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" isDisabled={creation.isPending || name.trim() === ''}>
            Create
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
