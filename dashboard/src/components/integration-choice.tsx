/** A choice among all integrations of a kind, however many: the first of them by name, and a search for the others. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { choicesQuery, type IntegrationKind } from '../api/queries.ts';
import { counted, isolated } from '../words.ts';
import { type Choice, SelectField, TextField } from './field.tsx';
import { FailureNotice } from './notice.tsx';

interface IntegrationChoiceProps {
  readonly label: string;
  readonly kind: IntegrationKind;
  readonly value: string;
  /** With the name, for what is said afterwards. */
  readonly onChange: (id: string, name: string) => void;
  readonly help?: ReactNode;
  readonly problem?: string | undefined;
  readonly compact?: boolean;
  /** What is chosen where no integration is. */
  readonly none?: string;
  /** Those that cannot be chosen. */
  readonly except?: readonly string[];
  /** Names that are known before they are found here. */
  readonly names?: ReadonlyMap<string, string>;
  /** Shown in its place where there is nothing to choose. */
  readonly empty?: ReactNode;
}

const typingPauseMs = 250;
const nobody: readonly string[] = [];

export function IntegrationChoice(props: IntegrationChoiceProps) {
  const { label, kind, value, onChange, help, problem, compact, none, except = nobody, names, empty } = props;
  const [text, setText] = useState('');
  const search = useLater(text.trim());
  const all = useQuery(choicesQuery(kind, except, ''));
  const found = useQuery({ ...choicesQuery(kind, except, search), placeholderData: keepPreviousData });
  const [chosen, setChosen] = useState<Choice>();
  if (all.isError)
    return (
      <FailureNotice
        error={all.error}
        what={`${label}: the integrations could not be loaded`}
        onRetry={all.refetch}
      />
    );
  if (all.data?.choices.length === 0 && empty !== undefined) return empty;
  const hasMore = all.data?.hasMore === true;
  const listed = (hasMore ? found.data : all.data)?.choices ?? [];
  // what is chosen stays in the list, whatever is searched for
  const isListed = value === '' || listed.some((each) => each.integration_id === value);
  const kept = isListed
    ? []
    : [chosen?.value === value ? chosen : { value, label: names?.get(value) ?? value }];
  const select = (id: string) => {
    const name = listed.find((each) => each.integration_id === id)?.name ?? names?.get(id) ?? id;
    setChosen({ value: id, label: name });
    onChange(id, name);
  };
  return (
    <div className="grid gap-2">
      {hasMore && (
        <TextField
          compact
          label={`${label}: search`}
          placeholder="Search integrations by name or id"
          type="search"
          value={text}
          onChange={setText}
        />
      )}
      <SelectField
        label={label}
        help={help}
        problem={problem}
        compact={compact ?? false}
        value={value}
        onChange={select}
        choices={[
          ...(none === undefined ? [] : [{ value: '', label: none }]),
          ...kept,
          ...listed.map((each) => ({ value: each.integration_id, label: labelOf(each) })),
        ]}
      />
      {hasMore && !compact && (
        <p role="status" className="text-sm text-muted">
          {found.data?.hasMore
            ? `The first ${listed.length} by name. Search to find the others.`
            : `${counted(listed.length, 'integration')} found`}
        </p>
      )}
    </div>
  );
}

function labelOf({ name, integration_id: id, status }: Listed): string {
  return `${isolated(name)} (${id})${status === 'invalid_credentials' ? ', credentials refused' : ''}`;
}

interface Listed {
  readonly name: string;
  readonly integration_id: string;
  readonly status: string;
}

function useLater(text: string): string {
  const [later, setLater] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setLater(text), typingPauseMs);
    return () => clearTimeout(timer);
  }, [text]);
  return later;
}
