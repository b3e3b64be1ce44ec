/** A new key, shown this one time: no slip closes it. */
import { useBlocker } from '@tanstack/react-router';
import { Button } from '../components/button.tsx';
import { CopyValue } from '../components/copy.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Notice } from '../components/notice.tsx';

interface ShownKeyProps {
  readonly name: string;
  readonly value: string;
  readonly onClose: () => void;
}

export function ShownKey({ name, value, onClose }: ShownKeyProps) {
  useBlocker({
    // no way back either; only whoever was signed out has to sign in
    shouldBlockFn: ({ next }) => next.pathname !== '/sign-in',
    enableBeforeUnload: true,
  });
  return (
    <Dialog
      isOpen
      isOnce
      title="The key was made"
      onClose={onClose}
      footer={
        <Button kind="primary" onPress={onClose}>
          I have stored it
        </Button>
      }
    >
      <div className="grid gap-4">
        <Notice tone="warn" isNews title="Copy it now: it is not shown again" />
        <CopyValue label={name} value={value} copyLabel="Copy the key" />
      </div>
    </Dialog>
  );
}
