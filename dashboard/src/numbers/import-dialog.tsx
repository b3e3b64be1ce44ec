/** Importing a phone number. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { answered, api, once, type Schemas } from '../api/client.ts';
import { ApiError } from '../api/failure.ts';
import { choicesQuery, refresh } from '../api/queries.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { CheckboxField, SelectField, TextField } from '../components/field.tsx';
import { IntegrationChoice } from '../components/integration-choice.tsx';
import { say } from '../components/messages.tsx';
import { FailureNotice, Notice } from '../components/notice.tsx';
import { telephony } from './telephony.ts';

const sipFields = [
  { name: 'sip_trunk_name', label: 'Name of the trunk' },
  { name: 'sip_server_address', label: 'Address of the server' },
  { name: 'sip_username', label: 'Username' },
  { name: 'sip_password', label: 'Password' },
] as const;

export function ImportDialog({ onClose }: { readonly onClose: () => void }) {
  const form = useId();
  const [provider, setProvider] = useState<'twilio' | 'sip'>('twilio');
  const [number, setNumber] = useState('');
  const twilios = useQuery(choicesQuery(telephony, [], ''));
  const [chosen, setIntegration] = useState<string>();
  const integration = chosen ?? twilios.data?.choices[0]?.integration_id ?? '';
  const [inbound, setInbound] = useState(true);
  const [outbound, setOutbound] = useState(false);
  const [trunk, setTrunk] = useState<Readonly<Record<string, string>>>({});
  const creation = useMutation({
    mutationFn: async () => {
      const common = {
        phone_number: number.replaceAll(/[\s().-]/g, ''),
        supports_inbound: inbound,
        supports_outbound: outbound,
      };
      const filled = Object.fromEntries(Object.entries(trunk).filter(([, value]) => value !== ''));
      const body: Schemas['PhoneNumberImport'] =
        provider === 'twilio'
          ? { ...common, provider, integration_id: integration }
          : { ...common, provider, ...filled };
      return await answered(api.POST('/api/phone-numbers', { params: { header: once() }, body }));
    },
    onSuccess: async ({ data }) => {
      say(`${data.phone_number} was imported`);
      onClose();
      await refresh('phone_numbers', 'audit');
    },
  });
  const problems = creation.error instanceof ApiError ? creation.error.problems : new Map<string, string>();
  const lacksTwilio = provider === 'twilio' && integration === '';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    creation.mutate();
  };
  return (
    <Dialog
      isOpen
      title="Import a number"
      onClose={onClose}
      isBusy={creation.isPending}
      footer={
        <>
          <Button onPress={onClose} isDisabled={creation.isPending}>
            Cancel
          </Button>
          <Button
            type="submit"
            form={form}
            kind="primary"
            isDisabled={creation.isPending || lacksTwilio || number.trim() === ''}
          >
            Import
          </Button>
        </>
      }
    >
      <form id={form} className="grid gap-4" onSubmit={submit}>
        <SelectField
          label="Provider"
          value={provider}
          onChange={(value) => setProvider(value === 'sip' ? 'sip' : 'twilio')}
          choices={[
            { value: 'twilio', label: 'Twilio' },
            { value: 'sip', label: 'SIP trunk' },
          ]}
        />
        <TextField
          label="Phone number"
          help="With its country: +1 555 010 0123"
          type="tel"
          value={number}
          onChange={setNumber}
          problem={problems.get('phone_number')}
        />
        {provider === 'twilio' && (
          <IntegrationChoice
            label="Integration"
            kind={telephony}
            value={integration}
            onChange={setIntegration}
            empty={
              <Notice tone="info" title="A number of Twilio needs an integration of Twilio. Add one first." />
            }
          />
        )}
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
        {provider === 'sip' &&
          sipFields.map(({ name, label }) => (
            <TextField
              key={name}
              label={label}
              help={name === 'sip_trunk_name' ? 'These four are needed to make calls.' : undefined}
              type={name === 'sip_password' ? 'password' : 'text'}
              autoComplete="off"
              value={trunk[name] ?? ''}
              onChange={(value) => setTrunk({ ...trunk, [name]: value })}
              problem={problems.get(name)}
            />
          ))}
        {creation.isError && <FailureNotice error={creation.error} what="The number was not imported" />}
      </form>
    </Dialog>
  );
}
