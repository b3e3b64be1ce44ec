/** Where there is no page, and where one broke. */
import type { ErrorComponentProps } from '@tanstack/react-router';
import { ButtonLink } from '../components/button.tsx';
import { FailureNotice } from '../components/notice.tsx';

export function NotFound() {
  return (
    <main className="mx-auto grid max-w-lg justify-items-start gap-4 px-6 py-24">
      <h1 className="text-2xl font-semibold">There is no page here</h1>
      <p className="text-muted">The address may be misspelt, or what it showed is gone.</p>
      <ButtonLink to="/" kind="primary">
        Go to the overview
      </ButtonLink>
    </main>
  );
}

export function Crashed({ error }: ErrorComponentProps) {
  return (
    <main className="mx-auto grid max-w-lg gap-4 px-6 py-24">
      <h1 className="text-2xl font-semibold">This page could not be shown</h1>
      <FailureNotice error={error} what="What happened" onRetry={() => window.location.reload()} />
    </main>
  );
}
