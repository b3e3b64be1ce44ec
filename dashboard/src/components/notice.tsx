/** Sentences that stand out: what went wrong, what went well, what to know. */
import { type ReactNode, useContext, useId } from 'react';
import { explain } from '../api/failure.ts';
import { Button } from './button.tsx';
import { HeadingLevel } from './heading-level.ts';
import { Icon, type IconName } from './icon.tsx';

const tones = {
  bad: { look: 'border-bad bg-bad-soft', icon: 'alert', ink: 'text-bad' },
  warn: { look: 'border-warn bg-warn-soft', icon: 'alert', ink: 'text-warn' },
  good: { look: 'border-good bg-good-soft', icon: 'check', ink: 'text-good' },
  info: { look: 'border-accent bg-accent-soft', icon: 'info', ink: 'text-accent' },
} as const satisfies Record<string, { look: string; icon: IconName; ink: string }>;

export type Tone = keyof typeof tones;

interface NoticeProps {
  readonly tone: Tone;
  readonly title?: ReactNode;
  readonly children?: ReactNode;
  /** Read out when it appears. */
  readonly isNews?: boolean;
}

export function Notice({ tone, title, children, isNews = false }: NoticeProps) {
  const { look, icon, ink } = tones[tone];
  const heading = useId();
  const news = tone === 'bad' ? 'alert' : 'status';
  const standing = title === undefined ? {} : { role: 'note', 'aria-labelledby': heading };
  return (
    <div
      {...(isNews ? { role: news } : standing)}
      className={`flex gap-3 rounded-lg border px-4 py-3 ${look}`}
    >
      <span className={`pt-0.5 ${ink}`}>
        <Icon name={icon} />
      </span>
      <div className="grid min-w-0 flex-1 gap-1">
        {title !== undefined && (
          <p id={heading} className="font-semibold">
            {title}
          </p>
        )}
        {children}
      </div>
    </div>
  );
}

/** What failed, why, and what can be done. */
export function FailureNotice({
  error,
  what,
  onRetry,
}: {
  readonly error: unknown;
  /** What was tried, as "The integrations could not be loaded". */
  readonly what: string;
  readonly onRetry?: () => unknown;
}) {
  const { reason, requestId } = explain(error);
  return (
    <Notice tone="bad" title={what} isNews>
      <p className="wrap-anywhere">{reason}</p>
      {requestId !== undefined && (
        <p className="text-sm text-muted">
          Request <span className="code">{requestId}</span>
        </p>
      )}
      {onRetry && (
        <div className="pt-1">
          <Button onPress={() => void onRetry()} icon="replay">
            Try again
          </Button>
        </div>
      )}
    </Notice>
  );
}

/** Where there is nothing yet: what would be here, and the next step. */
export function Empty({
  title,
  children,
  action,
}: {
  readonly title: string;
  readonly children: ReactNode;
  readonly action?: ReactNode;
}) {
  const Heading = `h${useContext(HeadingLevel)}` as const;
  return (
    <div className="grid justify-items-center gap-3 px-6 py-12 text-center">
      <Heading className="text-lg font-semibold">{title}</Heading>
      <div className="grid max-w-prose gap-2 text-muted">{children}</div>
      {action}
    </div>
  );
}

/** Holds the place of what is being loaded; read out only where it lasts. */
export function Loading({ what }: { readonly what: string }) {
  return (
    <p role="status" className="px-5 py-10 text-center text-muted">
      Loading {what}…
    </p>
  );
}
