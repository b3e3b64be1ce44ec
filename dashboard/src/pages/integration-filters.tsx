/** What narrows and orders the list of integrations. */
import { useEffect, useRef, useState } from 'react';
import { SelectField, TextField } from '../components/field.tsx';
import { stateWords } from '../components/state-badge.tsx';
import type { IntegrationSearch } from '../search.ts';
import { categoryTitles, orderTitles, providerTitles } from '../words.ts';

const typingPauseMs = 250;

export function IntegrationFilters({
  search,
  onChange,
}: {
  readonly search: IntegrationSearch;
  readonly onChange: (change: IntegrationSearch) => void;
}) {
  const [text, setText] = useState(search.search ?? '');
  const latest = useRef(onChange);
  latest.current = onChange;
  useEffect(() => {
    if (text === (search.search ?? '')) return undefined;
    const timer = setTimeout(() => latest.current({ search: text || undefined }), typingPauseMs);
    return () => clearTimeout(timer);
  }, [text, search.search]);
  return (
    <search className="grid gap-3 p-4 min-[26rem]:grid-cols-2 min-[26rem]:*:first:col-span-2 lg:*:first:col-span-1 lg:grid-cols-[1fr_11rem_11rem_11.5rem_13rem]">
      <TextField
        compact
        label="Search by name or id"
        placeholder="Search by name or id"
        type="search"
        value={text}
        onChange={setText}
      />
      <SelectField
        compact
        label="Provider"
        value={search.provider ?? ''}
        onChange={(provider) => onChange({ provider: provider || undefined })}
        choices={[{ value: '', label: 'Every provider' }, ...choicesOf(providerTitles)]}
      />
      <SelectField
        compact
        label="Category"
        value={search.category ?? ''}
        onChange={(category) => onChange({ category: category || undefined })}
        choices={[{ value: '', label: 'Every category' }, ...choicesOf(categoryTitles)]}
      />
      <SelectField
        compact
        label="State"
        value={search.state ?? ''}
        onChange={(state) => onChange({ state: state || undefined })}
        choices={[
          { value: '', label: 'Every state' },
          ...Object.entries(stateWords).map(([value, { text: label }]) => ({ value, label })),
        ]}
      />
      <SelectField
        compact
        label="Order"
        value={search.sort ?? '-created_at'}
        onChange={(sort) => onChange({ sort })}
        choices={choicesOf(orderTitles)}
      />
    </search>
  );
}

function choicesOf(titles: Readonly<Record<string, string>>) {
  return Object.entries(titles).map(([value, label]) => ({ value, label }));
}
