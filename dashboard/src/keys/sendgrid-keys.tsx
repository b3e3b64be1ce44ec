/** Keys with scopes: for programs that speak to /v3 as to SendGrid. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { answered, api, once, type Schemas } from '../api/client.ts';
import { refresh, sendGridKeysQuery } from '../api/queries.ts';
import { Ago } from '../components/ago.tsx';
import { Badge } from '../components/badge.tsx';
import { Button } from '../components/button.tsx';
import { Confirm } from '../components/confirm.tsx';
import type { Column } from '../components/data-table.tsx';
import { say } from '../components/messages.tsx';
import { Section } from '../components/page.tsx';
import { useRole } from '../use-permission.ts';
import { count, time } from '../words.ts';
import { KeyList, Never } from './key-list.tsx';
import { mayHandOut, SendGridKeyDialog } from './sendgrid-key-dialog.tsx';

type Key = Schemas['SendGridKey'];

/** A key may have a thousand. */
const mostShown = 12;

export function SendGridKeys() {
  const own = useRole();
  const keys = useQuery(sendGridKeysQuery());
  const [isCreating, setCreating] = useState(false);
  const [revoked, setRevoked] = useState<Key>();
  const columns = useMemo(
    (): readonly Column<Key>[] => [
      {
        label: 'Name',
        role: 'main',
        cell: ({ name, api_key_id: id }) => (
          <>
            <span className="font-medium wrap-anywhere">{name}</span>
            <span className="code block text-muted">SG.{id}…</span>
          </>
        ),
      },
      { label: 'Access', cell: (key) => <Access apiKey={key} /> },
      { label: 'Created', cell: ({ created_at: at }) => time(at) },
      {
        label: 'Last used',
        cell: ({ last_used_at: used }) => (used === null ? <Never /> : <Ago at={used} />),
      },
      {
        label: 'Actions',
        role: 'actions',
        cell: (key) =>
          mayHandOut(own, key) && (
            <Button
              kind="quiet"
              // keys of either kind may have the same name
              aria-label={`Revoke the SendGrid key ${key.name}`}
              onPress={() => setRevoked(key)}
            >
              Revoke
            </Button>
          ),
      },
    ],
    [own],
  );
  const revocation = useMutation({
    mutationFn: async ({ api_key_id }: Key) =>
      await answered(
        api.DELETE('/api/sendgrid-keys/{api_key_id}', {
          params: { path: { api_key_id }, header: once() },
        }),
      ),
    onSuccess: async ({ message }) => {
      say(message);
      setRevoked(undefined);
      await refresh('keys', 'audit');
    },
  });
  return (
    <Section
      title="Keys for the SendGrid API"
      lead="For programs that use /v3, as they would use SendGrid."
      actions={
        <Button kind="primary" icon="add" onPress={() => setCreating(true)}>
          Create a SendGrid key
        </Button>
      }
    >
      <KeyList label="Keys for the SendGrid API" keys={keys} columns={columns} idOf={(row) => row.api_key_id}>
        <p>
          With such a key a program that was written for SendGrid manages Segment integrations here, under
          /v3. Create one for each program, with the scopes that it needs.
        </p>
      </KeyList>
      {isCreating && <SendGridKeyDialog onClose={() => setCreating(false)} />}
      {revoked && (
        <Confirm
          title={
            <>
              Revoke the SendGrid key <bdi>{revoked.name}</bdi>?
            </>
          }
          action="Revoke"
          mutation={revocation}
          onConfirm={() => revocation.mutate(revoked)}
          onClose={() => setRevoked(undefined)}
        >
          <p>
            Programs that use it are refused from then on; keys that they made with it stay. It cannot be made
            valid again.
          </p>
        </Confirm>
      )}
    </Section>
  );
}

function Access({ apiKey: { full_access: isFull, scopes } }: { readonly apiKey: Key }) {
  if (isFull) return <Badge tone="info">Everything</Badge>;
  if (scopes.length === 0) return <span className="text-muted">Nothing</span>;
  return (
    <ul className="grid gap-0.5">
      {scopes.slice(0, mostShown).map((scope) => (
        <li key={scope} className="code">
          {scope}
        </li>
      ))}
      {scopes.length > mostShown && (
        <li className="text-muted">and {count(scopes.length - mostShown)} more</li>
      )}
    </ul>
  );
}
