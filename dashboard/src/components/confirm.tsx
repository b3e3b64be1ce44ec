/** A last question before something that cannot be taken back. */
import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { FailureNotice } from './notice.tsx';

interface ConfirmProps {
  readonly title: ReactNode;
  readonly action: string;
  readonly mutation: {
    readonly isPending: boolean;
    readonly isError: boolean;
    readonly error: unknown;
    readonly reset: () => void;
  };
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

export function Confirm({ title, action, mutation, onConfirm, onClose, children }: ConfirmProps) {
  const close = () => {
    // a refusal belongs to this question, not to the next
    mutation.reset();
    onClose();
  };
  return (
    <Dialog
      isOpen
      role="alertdialog"
      title={title}
      onClose={close}
      isBusy={mutation.isPending}
      footer={
        <>
          <Button onPress={close} isDisabled={mutation.isPending} autoFocus>
            Cancel
          </Button>
          <Button kind="danger" isDisabled={mutation.isPending} onPress={onConfirm}>
            {action}
          </Button>
        </>
      }
    >
      <div className="grid gap-3">
        {children}
        {mutation.isError && <FailureNotice error={mutation.error} what="Nothing was changed" />}
      </div>
    </Dialog>
  );
}
