/** Every integration that would go, with what hangs on it. */
import type { Offender } from '../api/failure.ts';
import { Badge } from '../components/badge.tsx';
import { counted, providerTitles } from '../words.ts';
import type { Doomed } from './rehearsal.ts';

export function DoomedList({
  doomed,
  offenders,
}: {
  readonly doomed: readonly Doomed[];
  readonly offenders: readonly Offender[];
}) {
  const inTheWay = new Map(offenders.map((each) => [each.integration_id, each]));
  // what needs attention first
  const ordered = doomed.toSorted(
    (a, b) => Number(inTheWay.has(b.id)) - Number(inTheWay.has(a.id)) || (b.waiting ?? 0) - (a.waiting ?? 0),
  );
  // of a long list only what is in sight is drawn; of a short one browsers sometimes forget to draw anything
  const isLong = ordered.length > 50;
  return (
    <ul
      className="max-h-72 divide-y overflow-y-auto rounded-lg border"
      tabIndex={0}
      aria-label="Integrations to be deleted"
    >
      {ordered.map((each) => (
        <li
          key={each.id}
          className={`grid gap-1 px-3 py-2.5 ${isLong ? '[contain-intrinsic-size:auto_3.5rem] [content-visibility:auto]' : ''}`}
        >
          <div className="flex flex-wrap items-baseline justify-between gap-x-3 gap-y-1">
            <span className="min-w-0">
              <span className="font-medium wrap-anywhere">{each.name}</span>{' '}
              <span className="text-sm whitespace-nowrap text-muted">
                {providerTitles[each.provider] ?? each.provider} · <span className="code">{each.id}</span>
              </span>
            </span>
            <Mark doomed={each} isGone={inTheWay.get(each.id)?.reason === 'not_found'} />
          </div>
          <References offender={inTheWay.get(each.id)} />
        </li>
      ))}
    </ul>
  );
}

function Mark({ doomed: { waiting = 0 }, isGone }: { readonly doomed: Doomed; readonly isGone: boolean }) {
  if (isGone) return <Badge tone="plain">Gone already</Badge>;
  return waiting > 0 && <Badge tone="warn">{counted(waiting, 'event')} waiting</Badge>;
}

const shownNumbers = 5;

function References({ offender }: { readonly offender: Offender | undefined }) {
  if (offender?.reason !== 'in_use') return null;
  const numbers = offender.phone_numbers ?? [];
  const more = (offender.total_phone_numbers ?? numbers.length) - Math.min(numbers.length, shownNumbers);
  return (
    <p className="text-sm text-bad">
      In use by {numbers.slice(0, shownNumbers).join(', ')}
      {more > 0 && ` and ${counted(more, 'more number', 'more numbers')}`}
    </p>
  );
}
