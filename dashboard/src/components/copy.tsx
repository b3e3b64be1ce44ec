/** A value that is to be pasted elsewhere, with a button that copies it and says so. */
import { useId, useState } from 'react';
import { Button } from './button.tsx';

interface CopyButtonProps {
  readonly text: string;
  readonly label?: string;
  readonly isDisabled?: boolean;
}

export function CopyButton({ text, label = 'Copy', isDisabled = false }: CopyButtonProps) {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
  const copy = async () => {
    setState((await copyText(text)) ? 'copied' : 'failed');
  };
  return (
    <span className="inline-flex items-center gap-2">
      <Button
        icon={state === 'copied' ? 'check' : 'copy'}
        isDisabled={isDisabled}
        onPress={() => void copy()}
      >
        {label}
      </Button>
      <span role="status" className="text-sm text-muted">
        {state === 'copied' && 'Copied'}
        {state === 'failed' && 'Copying was refused: select the text and copy it'}
      </span>
    </span>
  );
}

export function CopyValue({
  label,
  value,
  copyLabel,
}: {
  readonly label: string;
  readonly value: string;
  readonly copyLabel: string;
}) {
  const id = useId();
  return (
    <div className="grid gap-1.5">
      <p id={id} className="font-medium">
        {label}
      </p>
      <div className="flex flex-wrap items-center gap-2">
        <output
          aria-labelledby={id}
          className="code min-w-0 grow rounded-lg border bg-sunken px-3 py-2 select-all"
        >
          {value}
        </output>
        <CopyButton text={value} label={copyLabel} />
      </div>
    </div>
  );
}

/** Over plain http there is no clipboard for scripts, but the old command still works. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.setAttribute('aria-hidden', 'true');
    (document.querySelector('[role=dialog],[role=alertdialog]') ?? document.body).append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}
