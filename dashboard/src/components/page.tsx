/** The frame of a page: its heading, which takes the focus on arrival, what can be done, and its sections. */
import { type ReactNode, useEffect, useId, useRef } from 'react';
import { HeadingLevel } from './heading-level.ts';

interface PageProps {
  readonly title: string;
  /** One sentence on what the page is for. */
  readonly lead?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  readonly above?: ReactNode;
}

export function Page({ title, lead, actions, children, above }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const first = useRef(true);
  useEffect(() => {
    document.title = `${title} · Jackfield`;
  }, [title]);
  useEffect(() => {
    // after a navigation a screen reader is told where it is; never on the very first page, where the skip link is first
    if (first.current && document.body.dataset['visited'] === 'true') heading.current?.focus();
    first.current = false;
    document.body.dataset['visited'] = 'true';
  }, []);
  return (
    <div className="mx-auto grid w-full max-w-6xl gap-6 px-4 py-6 sm:px-8 sm:py-8">
      <div className="grid gap-3">
        {above}
        <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
          <div className="grid min-w-0 gap-1">
            <h1 ref={heading} tabIndex={-1} className="text-2xl font-semibold tracking-tight wrap-anywhere">
              {title}
            </h1>
            {lead !== undefined && <div className="max-w-prose text-muted">{lead}</div>}
          </div>
          {actions !== undefined && <div className="flex flex-wrap gap-2">{actions}</div>}
        </div>
      </div>
      {children}
    </div>
  );
}

export function Section({
  title,
  lead,
  actions,
  children,
}: {
  readonly title: string;
  readonly lead?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}) {
  const heading = useId();
  return (
    <section aria-labelledby={heading} className="panel overflow-hidden">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-b px-5 py-3">
        <div className="min-w-0">
          <h2 id={heading} className="text-base font-semibold">
            {title}
          </h2>
          {lead !== undefined && <div className="text-sm text-muted">{lead}</div>}
        </div>
        {actions !== undefined && <div className="flex flex-wrap gap-2">{actions}</div>}
      </div>
      <HeadingLevel value={3}>{children}</HeadingLevel>
    </section>
  );
}
