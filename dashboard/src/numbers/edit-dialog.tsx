/** What of a phone number can be changed: who serves it, to whom it is assigned, and what it is for. */
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { answered, api, once, type PhoneNumber, type Schemas } from '../api/client.ts';
import { ApiError } from '../api/failure.ts';
import { refresh } from '../api/queries.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { CheckboxField, TextField } from '../components/field.tsx';
import { IntegrationChoice } from '../components/integration-choice.tsx';
import { say } from '../components/messages.tsx';
import { FailureNotice } from '../components/notice.tsx';
import { telephony } from './telephony.ts';

interface EditDialogProps {
  readonly number: PhoneNumber;
  readonly names: ReadonlyMap<string, string>;
  readonly onClose: () => void;
}

export function EditDialog({ number, names, onClose }: EditDialogProps) {
  const form = useId();
  const [integration, setIntegration] = useState(number.integration_id);
  const [agent, setAgent] = useState(number.assigned_agent_id ?? '');
  const [inbound, setInbound] = useState(number.supports_inbound);
  const [outbound, setOutbound] = useState(number.supports_outbound);
  const change = useMutation({
    mutationFn: async () => {
      const assigned = agent.trim() || null;
      // only what was changed here: the rest may be somebody else's newer word
      const body: Schemas['PhoneNumberChange'] = {
        ...(assigned !== number.assigned_agent_id && { assigned_agent_id: assigned }),
        ...(inbound !== number.supports_inbound && { supports_inbound: inbound }),
        ...(outbound !== number.supports_outbound && { supports_outbound: outbound }),
        ...(integration !== null && integration !== number.integration_id && { integration_id: integration }),
      };
      const params = { path: { phone_number_id: number.phone_number_id }, header: once() };
      return await answered(api.PUT('/api/phone-numbers/{phone_number_id}', { params, body }));
    },
    onSuccess: async ({ data }) => {
      say(`${data.phone_number} was changed`);
      onClose();
      await refresh('phone_numbers', 'audit');
    },
  });
  const problems = change.error instanceof ApiError ? change.error.problems : new Map<string, string>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <Dialog
      isOpen
      title={`Edit ${number.phone_number}`}
      onClose={onClose}
      isBusy={change.isPending}
      footer={
        <>
          <Button onPress={onClose} isDisabled={change.isPending}>
            Cancel
          </Button>
          <Button type="submit" form={form} kind="primary" isDisabled={change.isPending}>
            Save
          </Button>
        </>
      }
    >
      <form id={form} className="grid gap-4" onSubmit={submit}>
        {integration !== null && (
          <IntegrationChoice
            label="Integration"
            kind={telephony}
            names={names}
            value={integration}
            onChange={setIntegration}
          />
        )}
        <TextField
          label="Agent"
          help="The id of an agent; empty makes the number free."
          value={agent}
          onChange={setAgent}
          maxLength={100}
          problem={problems.get('assigned_agent_id')}
        />
        <div className="flex flex-wrap gap-x-6">
          <CheckboxField
            label="Takes calls"
            isSelected={inbound}
            onChange={setInbound}
            problem={problems.get('supports_inbound')}
          />
          <CheckboxField
            label="Makes calls"
            isSelected={outbound}
            onChange={setOutbound}
            problem={problems.get('supports_outbound')}
          />
        </div>
        {change.isError && <FailureNotice error={change.error} what="The number was not changed" />}
      </form>
    </Dialog>
  );
}
