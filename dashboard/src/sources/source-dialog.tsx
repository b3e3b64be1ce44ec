/** Adding an event source, and changing one. */
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answered, api, once, type Schemas } from '../api/client.ts';
import { ApiError } from '../api/failure.ts';
import { refresh } from '../api/queries.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { TextField } from '../components/field.tsx';
import { say } from '../components/messages.tsx';
import { FailureNotice, Notice } from '../components/notice.tsx';
import { isolated } from '../words.ts';

export function SourceDialog({
  source,
  onClose,
}: {
  readonly source: Schemas['EventSource'] | undefined;
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
      say(`${isolated(data.name)} was saved`);
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
      title={
        source === undefined ? (
          'Add an event source'
        ) : (
          <>
            Edit <bdi>{source.name}</bdi>
          </>
        )
      }
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
          <Button onPress={onClose} isDisabled={saving.isPending}>
            Cancel
          </Button>
          <Button type="submit" kind="primary" isDisabled={saving.isPending || name.trim() === ''}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
