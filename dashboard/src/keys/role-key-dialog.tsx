/** Making a key with a role. */
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answered, api, type Schemas } from '../api/client.ts';
import { ApiError } from '../api/failure.ts';
import { refresh } from '../api/queries.ts';
import { useRepeatable } from '../api/repeatable.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { SelectField, TextField } from '../components/field.tsx';
import { FailureNotice } from '../components/notice.tsx';
import { useRole } from '../use-permission.ts';
import { ShownKey } from './shown-key.tsx';

/** The strongest first. */
export const roles = {
  admin: 'Admin: everything, the audit log too',
  agent_manager: 'Agent manager: everything but the audit log',
  user: 'User: reads only',
} as const satisfies Record<Schemas['Role'], string>;

/** Nobody handles a key of a role above their own. */
export function isWithin(own: Schemas['Role'], role: Schemas['Role']): boolean {
  const strongestFirst = Object.keys(roles);
  return strongestFirst.indexOf(role) >= strongestFirst.indexOf(own);
}

const isRole = (text: string): text is Schemas['Role'] => text in roles;

export function RoleKeyDialog({ onClose }: { readonly onClose: () => void }) {
  const own = useRole();
  const [name, setName] = useState('');
  const [role, setRole] = useState<Schemas['Role']>('agent_manager');
  const [end, setEnd] = useState('');
  const repeatable = useRepeatable(JSON.stringify([name, role, end]));
  const creation = useMutation({
    mutationFn: async () =>
      await answered(
        api.POST('/api/api-keys', {
          params: { header: repeatable() },
          body: {
            name: name.trim(),
            role,
            expires_at: end === '' ? null : new Date(`${end}T23:59:59`).toISOString(),
          },
        }),
      ),
    // the key is shown at once, whatever the lists take
    onSuccess: () => void refresh('keys', 'audit'),
  });
  if (creation.data)
    return <ShownKey name={creation.data.key.name} value={creation.data.raw_key} onClose={onClose} />;
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
          choices={Object.keys(roles)
            .filter(isRole)
            .filter((each) => isWithin(own, each))
            .map((each) => ({ value: each, label: roles[each] }))}
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
          <Button onPress={onClose} isDisabled={creation.isPending}>
            Cancel
          </Button>
          <Button type="submit" kind="primary" isDisabled={creation.isPending || name.trim() === ''}>
            Create
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
