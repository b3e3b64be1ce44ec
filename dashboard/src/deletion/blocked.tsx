/** Why a delete is refused, with the ways out that the server would take. */
import { Button } from '../components/button.tsx';
import { IntegrationChoice } from '../components/integration-choice.tsx';
import { Notice } from '../components/notice.tsx';
import { count, counted, providerTitles } from '../words.ts';
import { type Doomed, goneOf, type Verdict } from './rehearsal.ts';

interface BlockedProps {
  readonly verdict: Verdict;
  readonly isAsking: boolean;
  readonly doomed: readonly Doomed[];
  readonly ids: readonly string[];
  readonly replaceWith: string | undefined;
  readonly onReplace: (id: string | undefined) => void;
  readonly onLeaveOut: (ids: readonly string[]) => void;
}

export function BlockedNotice({
  verdict,
  isAsking,
  doomed,
  ids,
  replaceWith,
  onReplace,
  onLeaveOut,
}: BlockedProps) {
  const offenders = verdict.kind === 'blocked' ? verdict.offenders : [];
  const gone = goneOf(verdict);
  const [first] = gone;
  const used = offenders.filter(({ reason }) => reason === 'in_use');
  const usedIds = used.map((each) => each.integration_id);
  const numbers = used.reduce((sum, each) => sum + (each.total_phone_numbers ?? 0), 0);
  const providers = new Set(doomed.map(({ provider }) => provider));
  const usedProviders = new Set(
    doomed.filter(({ id }) => usedIds.includes(id)).map(({ provider }) => provider),
  );
  const [provider] = usedProviders.size > 0 ? usedProviders : providers;
  return (
    <>
      {gone.length > 0 && (
        <Notice
          tone="warn"
          isNews
          title={
            ids.length === 1
              ? 'It is gone already'
              : `${counted(gone.length, 'integration')} of these ${gone.length === 1 ? 'is' : 'are'} gone already`
          }
        >
          <p>
            Somebody else deleted{' '}
            {gone.length === 1 ? <bdi>{doomed.find(({ id }) => id === first)?.name ?? first}</bdi> : 'them'}{' '}
            meanwhile.
          </p>
          {ids.length > 1 && (
            <div className="pt-1">
              <Button onPress={() => onLeaveOut(gone)}>
                Go on without {gone.length === 1 ? 'it' : 'them'}
              </Button>
            </div>
          )}
        </Notice>
      )}
      {used.length > 0 && (
        <Notice
          tone="bad"
          isNews
          title={`${counted(numbers, 'phone number')} ${numbers === 1 ? 'refers' : 'refer'} to ${ids.length === 1 ? 'it' : `${count(used.length)} of these integrations`}`}
        >
          <p>
            As long as they do, nothing is deleted. Give the numbers another integration, or keep what they
            need.
          </p>
          {used.length < ids.length && (
            <div className="flex flex-wrap gap-2 pt-1">
              <Button onPress={() => onLeaveOut(usedIds)}>
                Keep {used.length === 1 ? 'that one' : `those ${used.length}`}, delete the rest
              </Button>
              {providers.size > 1 && (
                <Button
                  onPress={() =>
                    onLeaveOut(
                      ids.filter((id) => doomed.find((each) => each.id === id)?.provider !== provider),
                    )
                  }
                >
                  Delete only those of {providerTitles[provider ?? ''] ?? provider}
                </Button>
              )}
            </div>
          )}
          {providers.size > 1 && (
            <p className="text-sm text-muted">
              Numbers can move in the same step when all that is deleted belongs to one provider.
            </p>
          )}
        </Notice>
      )}
      {verdict.kind === 'unusable' && <Notice tone="bad" isNews title={verdict.reason} />}
      {providers.size === 1 &&
        provider !== undefined &&
        (used.length > 0 || replaceWith !== undefined || isAsking) && (
          <Reassign provider={provider} except={ids} value={replaceWith} onChange={onReplace} />
        )}
    </>
  );
}

interface ReassignProps {
  readonly provider: string;
  readonly except: readonly string[];
  readonly value: string | undefined;
  readonly onChange: (id: string | undefined) => void;
}

function Reassign({ provider, except, value, onChange }: ReassignProps) {
  return (
    <IntegrationChoice
      label="Reassign the phone numbers to"
      help="They move in the same step as the delete: both happen, or neither."
      kind={{ provider: [provider] }}
      except={except}
      none="Choose an integration"
      value={value ?? ''}
      onChange={(id) => onChange(id || undefined)}
      empty={
        <Notice
          tone="info"
          title={`There is no other integration of ${providerTitles[provider] ?? provider}`}
        >
          <p>Add one first, or remove the phone numbers.</p>
        </Notice>
      }
    />
  );
}
