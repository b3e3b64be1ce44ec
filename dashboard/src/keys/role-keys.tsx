/** Keys with roles: for these pages, the command line and /api. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { answered, api, once, type Schemas } from '../api/client.ts';
import { keysQuery, refresh } from '../api/queries.ts';
import { Ago } from '../components/ago.tsx';
import { Badge } from '../components/badge.tsx';
import { Button } from '../components/button.tsx';
import { Confirm } from '../components/confirm.tsx';
import type { Column } from '../components/data-table.tsx';
import { say } from '../components/messages.tsx';
import { Section } from '../components/page.tsx';
import { useRole } from '../use-permission.ts';
import { time } from '../words.ts';
import { KeyList, Never } from './key-list.tsx';
import { isWithin, RoleKeyDialog, roles } from './role-key-dialog.tsx';

type Key = Schemas['ApiKey'];

export function RoleKeys() {
  const own = useRole();
  const keys = useQuery(keysQuery());
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
        cell: ({ last_used_at: used }) => (used === null ? <Never /> : <Ago at={used} />),
      },
      { label: 'Ends', cell: ({ expires_at: end }) => (end === null ? <Never /> : time(end)) },
      {
        label: 'Actions',
        role: 'actions',
        cell: (key) =>
          key.status === 'active' &&
          isWithin(own, key.role) && (
            <Button kind="quiet" aria-label={`Revoke ${key.name}`} onPress={() => setRevoked(key)}>
              Revoke
            </Button>
          ),
      },
    ],
    [own],
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
    <Section
      title="Keys with roles"
      lead="For these pages, the command line and programs that use /api."
      actions={
        <Button kind="primary" icon="add" onPress={() => setCreating(true)}>
          Create a key
        </Button>
      }
    >
      <KeyList label="API keys" keys={keys} columns={columns} idOf={(row) => row.key_id}>
        <p>Create one for each program, so that it can be revoked by itself.</p>
      </KeyList>
      {isCreating && <RoleKeyDialog onClose={() => setCreating(false)} />}
      {revoked && (
        <Confirm
          title={
            <>
              Revoke <bdi>{revoked.name}</bdi>?
            </>
          }
          action="Revoke"
          mutation={revocation}
          onConfirm={() => revocation.mutate(revoked)}
          onClose={() => setRevoked(undefined)}
        >
          <p>
            Whoever uses it is refused from then on, people who signed in with it too. It cannot be made valid
            again.
          </p>
          {isLastAdminKey(revoked, keys.data ?? []) && (
            <p>
              It is the last admin key. Who cannot sign in as an admin in another way gets a new one only from
              the operator of this Jackfield.
            </p>
          )}
        </Confirm>
      )}
    </Section>
  );
}

function isLastAdminKey({ key_id: id }: Key, keys: readonly Key[]): boolean {
  const admins = keys.filter((key) => key.role === 'admin' && key.status === 'active' && !hasEnded(key));
  return admins.length === 1 && admins[0]?.key_id === id;
}

const hasEnded = ({ expires_at: end }: Key) => end !== null && Date.parse(end) < Date.now();

function Status({ apiKey }: { readonly apiKey: Key }) {
  if (apiKey.status === 'revoked') return <Badge tone="plain">Revoked</Badge>;
  return hasEnded(apiKey) ? <Badge tone="warn">Expired</Badge> : <Badge tone="good">Active</Badge>;
}
