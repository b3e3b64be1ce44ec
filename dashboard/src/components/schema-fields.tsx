/** Fields for what a provider asks for, from the JSON Schema of its credentials. */
import type { ProviderInfo } from '../api/client.ts';
import { SelectField, TextField } from './field.tsx';

interface FieldSchema {
  readonly title?: string;
  readonly description?: string;
  readonly const?: string;
  readonly enum?: readonly string[];
  readonly writeOnly?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
}

export type Values = Readonly<Record<string, string>>;

function fieldsOf({ credentials_schema: schema }: ProviderInfo): readonly (readonly [string, FieldSchema])[] {
  return Object.entries(schema.properties as Record<string, FieldSchema>);
}

/** What is filled in by itself: the constants, and the first of each list. */
export function initialValues(provider: ProviderInfo): Values {
  return Object.fromEntries(
    fieldsOf(provider).map(([name, field]) => [name, field.const ?? field.enum?.[0] ?? '']),
  );
}

/** What is wrong with each value, in the words of the schema; nothing where all fit. */
export function problemsOf(provider: ProviderInfo, values: Values): ReadonlyMap<string, string> {
  const problems = fieldsOf(provider).flatMap(([name, field]): readonly (readonly [string, string])[] => {
    const reason = problemOf(field, values[name] ?? '');
    return reason === undefined ? [] : [[name, reason]];
  });
  return new Map(problems);
}

function problemOf(
  { minLength = 0, maxLength, pattern, title, description }: FieldSchema,
  value: string,
): string | undefined {
  const name = title ?? 'This';
  if (value === '') return `${name} is needed`;
  if (value.length < minLength) return `${name} needs ${minLength} characters at least`;
  if (maxLength !== undefined && value.length > maxLength)
    return `${name} may have ${maxLength} characters at most`;
  if (pattern !== undefined && !new RegExp(pattern, 'u').test(value))
    return description === undefined ? `${name} does not look like one` : `${name} should be ${description}`;
  return undefined;
}

function helpOf({ description, writeOnly }: FieldSchema): string | undefined {
  const said = [description && `${description}.`, writeOnly && 'Stored sealed, and never shown again.'];
  return said.filter(Boolean).join(' ') || undefined;
}

interface SchemaFieldsProps {
  readonly provider: ProviderInfo;
  readonly values: Values;
  readonly onChange: (values: Values) => void;
  readonly problems: ReadonlyMap<string, string>;
}

export function SchemaFields({ provider, values, onChange, problems }: SchemaFieldsProps) {
  const shown = fieldsOf(provider).filter(([, field]) => field.const === undefined);
  return shown.map(([name, field]) => {
    const label = field.title ?? name;
    const set = (value: string) => onChange({ ...values, [name]: value });
    if (field.enum) {
      return (
        <SelectField
          key={name}
          label={label}
          value={values[name] ?? ''}
          onChange={set}
          choices={field.enum.map((value) => ({ value, label: value }))}
          problem={problems.get(name)}
        />
      );
    }
    return (
      <TextField
        key={name}
        label={label}
        help={helpOf(field)}
        type={field.writeOnly ? 'password' : 'text'}
        autoComplete="off"
        value={values[name] ?? ''}
        onChange={set}
        problem={problems.get(name)}
        code
      />
    );
  });
}
