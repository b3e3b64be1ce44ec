/** Over which time something is looked at. */
import { SelectField } from './field.tsx';

export interface Span {
  readonly seconds: number;
  readonly step: number;
}

const minute = 60;
const hour = 60 * minute;

export const spans: Readonly<Record<string, Span & { readonly label: string }>> = {
  hour: { label: 'The last hour', seconds: hour, step: minute },
  day: { label: 'The last 24 hours', seconds: 24 * hour, step: 15 * minute },
  week: { label: 'The last 7 days', seconds: 7 * 24 * hour, step: 2 * hour },
};

export const spanOf = (name: string): Span => spans[name] ?? { seconds: hour, step: minute };

export function SpanChoice({
  value,
  onChange,
}: {
  readonly value: string;
  readonly onChange: (name: string) => void;
}) {
  return (
    <SelectField
      compact
      label="Time"
      value={value}
      onChange={onChange}
      choices={Object.entries(spans).map(([name, { label }]) => ({ value: name, label }))}
    />
  );
}
