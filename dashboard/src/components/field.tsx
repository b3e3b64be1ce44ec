/** Labelled fields. Each shows its help before and its problem after the input, and ties both to it. */
import type { ReactNode } from 'react';
import { useId } from 'react';
import {
  Checkbox as AriaCheckbox,
  type CheckboxProps as AriaCheckboxProps,
  Switch as AriaSwitch,
  TextField as AriaTextField,
  type TextFieldProps as AriaTextFieldProps,
  FieldError,
  Input,
  Label,
  Text,
  TextArea,
} from 'react-aria-components';
import { problemInWords } from '../words.ts';
import { Icon } from './icon.tsx';

interface TextFieldProps extends Omit<AriaTextFieldProps, 'children' | 'className'> {
  readonly label: string;
  readonly help?: ReactNode;
  /** What the server said of it. */
  readonly problem?: string | undefined;
  readonly placeholder?: string;
  readonly long?: boolean;
  readonly code?: boolean;
  /** The label is read out, and not shown. */
  readonly compact?: boolean;
}

export function TextField({
  label,
  help,
  problem,
  placeholder,
  long,
  code,
  compact,
  ...rest
}: TextFieldProps) {
  const look = `control${code ? ' code' : ''}`;
  return (
    <AriaTextField
      {...rest}
      isInvalid={rest.isInvalid ?? problem !== undefined}
      // the browser's own validation would hold back the form until the server, which is not asked, took its refusal back
      validationBehavior="aria"
      className="grid gap-1.5"
    >
      <Label className={compact ? 'sr-only' : 'font-medium'}>{label}</Label>
      {help !== undefined && (
        <Text slot="description" className="text-sm text-muted">
          {help}
        </Text>
      )}
      {long ? (
        <TextArea rows={3} className={look} placeholder={placeholder} />
      ) : (
        <Input className={look} placeholder={placeholder} />
      )}
      <FieldError className="text-sm text-bad">
        {({ validationErrors }) =>
          problem === undefined ? validationErrors.join(' ') : problemInWords(label, problem)
        }
      </FieldError>
    </AriaTextField>
  );
}

export interface Choice {
  readonly value: string;
  readonly label: string;
}

interface SelectFieldProps {
  readonly label: string;
  readonly choices: readonly Choice[];
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly help?: ReactNode;
  readonly problem?: string | undefined;
  /** The label is read out, and not shown. */
  readonly compact?: boolean;
}

/** The browser's own select: every keyboard, screen reader and phone knows it. */
export function SelectField({ label, choices, value, onChange, help, problem, compact }: SelectFieldProps) {
  const id = useId();
  const described = [help !== undefined && `${id}-help`, problem !== undefined && `${id}-problem`];
  return (
    <div className="grid gap-1.5">
      <label htmlFor={id} className={compact ? 'sr-only' : 'font-medium'}>
        {label}
      </label>
      {help !== undefined && (
        <p id={`${id}-help`} className="text-sm text-muted">
          {help}
        </p>
      )}
      <select
        id={id}
        className="control"
        value={value}
        aria-invalid={problem !== undefined}
        aria-describedby={described.filter(Boolean).join(' ') || undefined}
        onChange={(event) => onChange(event.target.value)}
      >
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
      {problem !== undefined && (
        <p id={`${id}-problem`} className="text-sm text-bad">
          {problemInWords(label, problem)}
        </p>
      )}
    </div>
  );
}

interface CheckboxProps extends Omit<AriaCheckboxProps, 'children' | 'className'> {
  readonly children?: ReactNode;
}

/** One that the server can say something of. */
export function CheckboxField({
  label,
  problem,
  ...rest
}: CheckboxProps & { readonly label: string; readonly problem: string | undefined }) {
  const id = useId();
  const isInvalid = problem !== undefined;
  return (
    <div>
      <Checkbox
        {...rest}
        validationBehavior="aria"
        isInvalid={isInvalid}
        {...(isInvalid && { 'aria-describedby': id })}
      >
        {label}
      </Checkbox>
      {isInvalid && (
        <p id={id} className="text-sm text-bad">
          {problemInWords(label, problem)}
        </p>
      )}
    </div>
  );
}

export function Checkbox({ children, ...rest }: CheckboxProps) {
  return (
    <AriaCheckbox {...rest} className="group flex min-h-8 items-center gap-2.5 outline-none">
      {({ isSelected, isIndeterminate }) => (
        <>
          <span
            className={`grid size-5 shrink-0 place-items-center rounded border ${isSelected || isIndeterminate ? 'border-accent-solid bg-accent-solid text-white' : 'border-edge bg-surface'} group-data-focus-visible:outline-2 group-data-focus-visible:outline-offset-2 group-data-focus-visible:outline-accent group-data-disabled:opacity-50`}
          >
            {isIndeterminate ? (
              <span className="h-0.5 w-2.5 bg-current" />
            ) : (
              isSelected && <Icon name="check" />
            )}
          </span>
          {children}
        </>
      )}
    </AriaCheckbox>
  );
}

interface SwitchProps {
  readonly children: ReactNode;
  readonly isSelected: boolean;
  readonly onChange: (selected: boolean) => void;
  readonly isDisabled?: boolean;
}

export function Switch({ children, ...rest }: SwitchProps) {
  return (
    <AriaSwitch {...rest} className="group flex min-h-8 items-center gap-3 outline-none">
      <span className="flex h-6 w-10 shrink-0 items-center rounded-full border border-edge bg-sunken p-0.5 transition-colors group-data-selected:border-accent-solid group-data-selected:bg-accent-solid group-data-focus-visible:outline-2 group-data-focus-visible:outline-offset-2 group-data-focus-visible:outline-accent group-data-disabled:opacity-60">
        <span className="size-4.5 rounded-full bg-edge transition-transform group-data-selected:translate-x-4 group-data-selected:bg-white" />
      </span>
      <span className="min-w-0">{children}</span>
    </AriaSwitch>
  );
}
