/** Buttons, and links that look like them. */
import { Link, type LinkProps } from '@tanstack/react-router';
import { type ReactNode, useLayoutEffect, useRef } from 'react';
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components';
import { Icon, type IconName } from './icon.tsx';

const kinds = {
  primary:
    'border-transparent bg-accent-solid text-white data-hovered:bg-accent-strong hover:bg-accent-strong',
  plain: 'border-edge bg-surface text-text data-hovered:bg-sunken hover:bg-sunken',
  quiet: 'border-transparent bg-transparent text-text data-hovered:bg-sunken hover:bg-sunken',
  danger: 'border-transparent bg-bad-solid text-white data-hovered:bg-bad-strong hover:bg-bad-strong',
  warning: 'border-bad bg-surface text-bad data-hovered:bg-bad-soft hover:bg-bad-soft',
} as const;

const shape =
  'inline-flex min-h-10 items-center justify-center gap-2 rounded-lg border px-3.5 py-1.5 font-medium no-underline transition-colors';

export type ButtonKind = keyof typeof kinds;

interface Look {
  readonly kind?: ButtonKind;
  readonly icon?: IconName;
}

/** Browsers take the focus from a button that is disabled while its action runs, and with it Escape and the place. */
function useKeptFocus(isDisabled = false) {
  const button = useRef<HTMLButtonElement>(null);
  const hadFocus = useRef(false);
  // asked while it is drawn: once it is disabled it is too late
  const focused = document.activeElement;
  useLayoutEffect(() => {
    if (isDisabled) hadFocus.current = focused === button.current;
    else if (hadFocus.current) {
      hadFocus.current = false;
      // whoever went elsewhere meanwhile stays there
      if (document.activeElement === document.body) button.current?.focus();
    }
  }, [isDisabled]);
  return button;
}

export function Button({
  kind = 'plain',
  icon,
  children,
  ...rest
}: Look & Omit<AriaButtonProps, 'children' | 'className'> & { readonly children: ReactNode }) {
  const button = useKeptFocus(rest.isDisabled);
  return (
    <AriaButton
      {...rest}
      ref={button}
      className={`${shape} ${kinds[kind]} data-disabled:cursor-not-allowed data-disabled:border-line data-disabled:bg-sunken data-disabled:text-muted data-pending:opacity-80`}
    >
      {icon && <Icon name={icon} />}
      {children}
    </AriaButton>
  );
}

/** A button of an icon alone; the label is its name. */
export function IconButton({
  icon,
  label,
  ...rest
}: { readonly icon: IconName; readonly label: string } & Omit<AriaButtonProps, 'children' | 'className'>) {
  const button = useKeptFocus(rest.isDisabled);
  return (
    <AriaButton
      {...rest}
      ref={button}
      aria-label={label}
      className="inline-flex size-10 items-center justify-center rounded-lg text-muted data-hovered:bg-sunken data-hovered:text-text"
    >
      <Icon name={icon} />
    </AriaButton>
  );
}

export function ButtonLink({
  kind = 'plain',
  icon,
  children,
  ...rest
}: Look & LinkProps & { readonly children: ReactNode }) {
  return (
    <Link {...rest} className={`${shape} ${kinds[kind]}`}>
      {icon && <Icon name={icon} />}
      {children}
    </Link>
  );
}
