/** A dialog over the page. Focus goes in, stays in, and returns to where it was. */
import { type ReactNode, useLayoutEffect, useRef, useState } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { IconButton } from './button.tsx';

/** What opened the first of the dialogs that follow one another: what was in the former ones is gone with them. */
let opener: Element | null = null;
const anyDialog = '[role=dialog],[role=alertdialog]';

interface DialogProps {
  readonly title: ReactNode;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly footer?: ReactNode;
  readonly wide?: boolean;
  readonly role?: 'dialog' | 'alertdialog';
  /** While something is under way the dialog stays. */
  readonly isBusy?: boolean;
  /** What it shows is not shown again: only a button in its footer closes it, no slip. */
  readonly isOnce?: boolean;
}

export function Dialog(props: DialogProps) {
  const {
    title,
    isOpen,
    onClose,
    children,
    footer,
    wide,
    role = 'dialog',
    isBusy = false,
    isOnce = false,
  } = props;
  const isFixed = isBusy || isOnce;
  const frame = useRef<HTMLElement>(null);
  useState(rememberOpener);
  useLayoutEffect(() => leaveNobodyBehind, []);
  useLayoutEffect(() => {
    // what had the focus may be out of the question now: Escape needs it inside
    if (!isBusy && document.activeElement === document.body) frame.current?.focus();
  });
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => !open && !isFixed && onClose()}
      isDismissable={!isFixed}
      isKeyboardDismissDisabled={isFixed}
      className="fixed inset-0 z-50 grid h-(--visual-viewport-height) place-items-end bg-black/50 sm:place-items-center sm:p-6"
    >
      <Modal
        className={`rise flex max-h-full w-full flex-col overflow-hidden rounded-t-2xl border bg-surface shadow-2xl sm:max-h-[min(100%,46rem)] sm:rounded-2xl ${wide ? 'sm:max-w-2xl' : 'sm:max-w-lg'}`}
      >
        <AriaDialog ref={frame} role={role} className="flex min-h-0 flex-col outline-none">
          <header className="flex items-start justify-between gap-4 border-b py-2.5 ps-5 pe-2.5">
            <Heading slot="title" className="py-1.5 text-lg font-semibold">
              {title}
            </Heading>
            {!isOnce && <IconButton icon="close" label="Close" onPress={onClose} isDisabled={isBusy} />}
          </header>
          <div className="min-h-0 overflow-y-auto px-5 py-4">{children}</div>
          {footer !== undefined && (
            <footer className="flex flex-wrap items-center justify-end gap-2 border-t bg-canvas px-5 py-3">
              {footer}
            </footer>
          )}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

/** While the dialog is drawn for the first time, before it takes the focus. */
function rememberOpener(): void {
  const { activeElement: active, body } = document;
  if (active !== body && active?.closest(anyDialog) === null) opener = active;
}

function leaveNobodyBehind(): void {
  // react-aria returns the focus one frame after the dialog is gone
  requestAnimationFrame(() => requestAnimationFrame(findPlace));
}

/** Where there is nothing left to return to, the keyboard goes on from the heading of the page. */
function findPlace(): void {
  if (isLost() && opener instanceof HTMLElement) opener.focus();
  if (isLost()) document.querySelector('h1')?.focus();
}

function isLost(): boolean {
  return document.activeElement === document.body && document.querySelector(anyDialog) === null;
}
