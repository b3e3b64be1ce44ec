/** What refers to an integration, and whether it could be deleted now. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { usageQuery } from '../api/queries.ts';
import { Badge } from '../components/badge.tsx';
import { FailureNotice, Loading } from '../components/notice.tsx';
import { Section } from '../components/page.tsx';
import { counted } from '../words.ts';

export function Usage({ id }: { readonly id: string }) {
  const usage = useQuery(usageQuery(id));
  const more = usage.data ? usage.data.pagination.total_count - usage.data.data.references.length : 0;
  return (
    <Section title="Usage" lead="What would be in the way of a delete, and what would be left behind.">
      {usage.isPending && <Loading what="the usage" />}
      {usage.isError && (
        <div className="p-5">
          <FailureNotice error={usage.error} what="The usage could not be loaded" onRetry={usage.refetch} />
        </div>
      )}
      {usage.data && (
        <div className="grid gap-3 p-5">
          <p className="flex flex-wrap items-center gap-3">
            {usage.data.data.can_delete ? (
              <Badge tone="good">Can be deleted</Badge>
            ) : (
              <Badge tone="bad">Cannot be deleted as it is</Badge>
            )}
            {counted(usage.data.pagination.total_count, 'phone number')}{' '}
            {usage.data.pagination.total_count === 1 ? 'refers' : 'refer'} to it,{' '}
            {counted(usage.data.data.waiting_events, 'event')}{' '}
            {usage.data.data.waiting_events === 1 ? 'waits' : 'wait'} for it.
          </p>
          {usage.data.data.references.length > 0 && (
            <ul className="divide-y rounded-lg border">
              {usage.data.data.references.map((each) => (
                <li
                  key={each.phone_number_id}
                  className="flex flex-wrap items-center justify-between gap-2 px-4 py-2.5"
                >
                  <span className="font-medium tabular-nums">{each.display}</span>
                  <Badge tone={each.status === 'assigned' ? 'info' : 'plain'}>
                    {each.status === 'assigned' ? 'Assigned to an agent' : 'Free'}
                  </Badge>
                </li>
              ))}
            </ul>
          )}
          {more > 0 && <p className="text-sm text-muted">And {counted(more, 'more number')}.</p>}
          {usage.data.data.references.length > 0 && (
            <p>
              <Link to="/phone-numbers" search={{ integration: id }} className="link">
                Manage these phone numbers
              </Link>
            </p>
          )}
        </div>
      )}
    </Section>
  );
}
