/** Making a key for the SendGrid API, of full access or with chosen scopes. */
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { answered, api, type Schemas } from '../api/client.ts';
import { ApiError } from '../api/failure.ts';
import { refresh } from '../api/queries.ts';
import { useRepeatable } from '../api/repeatable.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Checkbox, SelectField, TextField } from '../components/field.tsx';
import { FailureNotice } from '../components/notice.tsx';
import { useRole } from '../use-permission.ts';
import { ShownKey } from './shown-key.tsx';

type Scope = Schemas['KnownSendGridScope'];

const scopeWords: Readonly<Record<Scope, string>> = {
  'marketing.read': 'Read integrations',
  'marketing_campaigns.read': 'Read integrations, too',
  'marketing_campaigns.create': 'Create integrations',
  'marketing_campaigns.update': 'Change integrations',
  'marketing_campaigns.delete': 'Delete integrations',
  'api_keys.read': 'List such keys',
  'api_keys.create': 'Create such keys, with its own scopes',
  'api_keys.update': 'Rename such keys and change their scopes',
  'api_keys.delete': 'Delete such keys',
  'subusers.read': 'List subusers',
  'subusers.create': 'Create subusers',
};
const isScope = (text: string): text is Scope => text in scopeWords;
const allScopes = Object.keys(scopeWords).filter(isScope);
/** What reaches no subusers and no keys. */
const ownScopes = allScopes.filter((scope) => scope.startsWith('marketing'));

/** Nobody handles a key that may do more than they can hand out. */
export function mayHandOut(
  own: Schemas['Role'],
  { full_access: isFull, scopes }: Pick<Schemas['SendGridKey'], 'full_access' | 'scopes'>,
): boolean {
  return own === 'admin' || (!isFull && scopes.every((scope) => isScope(scope) && ownScopes.includes(scope)));
}

export function SendGridKeyDialog({ onClose }: { readonly onClose: () => void }) {
  const form = useId();
  const [name, setName] = useState('');
  const isAdmin = useRole() === 'admin';
  const [isFull, setFull] = useState(false);
  const [scopes, setScopes] = useState<readonly Scope[]>([]);
  const repeatable = useRepeatable(JSON.stringify([name, isFull, scopes]));
  const creation = useMutation({
    mutationFn: async () =>
      await answered(
        api.POST('/api/sendgrid-keys', {
          params: { header: repeatable() },
          body: { name: name.trim(), ...(!isFull && { scopes: [...scopes] }) },
        }),
      ),
    // the key is shown at once, whatever the lists take
    onSuccess: () => void refresh('keys', 'audit'),
  });
  if (creation.data)
    return <ShownKey name={creation.data.key.name} value={creation.data.raw_key} onClose={onClose} />;
  const problems = creation.error instanceof ApiError ? creation.error.problems : new Map<string, string>();
  const isIncomplete = name.trim() === '' || (!isFull && scopes.length === 0);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isIncomplete) creation.mutate();
  };
  return (
    <Dialog
      isOpen
      title="Create a SendGrid key"
      onClose={onClose}
      isBusy={creation.isPending}
      footer={
        <>
          <Button onPress={onClose} isDisabled={creation.isPending}>
            Cancel
          </Button>
          <Button type="submit" form={form} kind="primary" isDisabled={creation.isPending || isIncomplete}>
            Create
          </Button>
        </>
      }
    >
      <form id={form} className="grid gap-4" onSubmit={submit}>
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
          label="Access"
          value={isFull ? 'full' : 'scopes'}
          onChange={(value) => setFull(value === 'full')}
          choices={[
            { value: 'scopes', label: 'Chosen scopes' },
            ...(isAdmin
              ? [{ value: 'full', label: 'Full access: everything, subusers too, and what is added later' }]
              : []),
          ]}
        />
        {!isFull && (
          <ScopeChoice scopes={isAdmin ? allScopes : ownScopes} chosen={scopes} onChange={setScopes} />
        )}
        {creation.isError && <FailureNotice error={creation.error} what="The key was not made" />}
      </form>
    </Dialog>
  );
}

interface ScopeChoiceProps {
  readonly scopes: readonly Scope[];
  readonly chosen: readonly Scope[];
  readonly onChange: (scopes: readonly Scope[]) => void;
}

function ScopeChoice({ scopes, chosen, onChange }: ScopeChoiceProps) {
  const help = useId();
  return (
    <fieldset className="grid gap-2" aria-describedby={help}>
      <legend className="font-medium">Scopes</legend>
      <p id={help} className="text-sm text-muted">
        At least one. A program that only reads needs marketing.read.
      </p>
      {scopes.map((scope) => (
        <Checkbox
          key={scope}
          isSelected={chosen.includes(scope)}
          onChange={(isOn) => onChange(isOn ? [...chosen, scope] : chosen.filter((each) => each !== scope))}
        >
          <span className="min-w-0">
            <span className="code block">{scope}</span>
            <span className="block text-sm text-muted">{scopeWords[scope]}</span>
          </span>
        </Checkbox>
      ))}
    </fieldset>
  );
}
