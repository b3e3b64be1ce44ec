/** What was done to one integration, by whom. */
import { AuditEntries } from '../components/audit-entries.tsx';
import { Section } from '../components/page.tsx';

export function Trail({ id }: { readonly id: string }) {
  return (
    <Section title="History" lead="Everything that was done to it, newest first.">
      <AuditEntries query={{ target_id: id }} />
    </Section>
  );
}
