/** How the delivery of an organization stands at a glance. */
import type { DeliverySummary } from '../core/integration-list.ts';
import type { Caller } from '../core/principal.ts';
import type {
  OrganizationStep,
  OverviewTotals,
  StepRange,
  UnhealthyIntegration,
} from '../eventlog/overview-store.ts';
import type { Stores } from '../storage/storage.ts';

const mostUnhealthy = 10;

export interface Overview {
  readonly totals: OverviewTotals;
  /** How long the oldest waiting event waits; undefined where none does. */
  readonly oldestWaitingMs: number | undefined;
  readonly steps: readonly OrganizationStep[];
  readonly unhealthy: readonly UnhealthyIntegration[];
}

export class OverviewService {
  readonly #stores: Stores;
  readonly #now: () => Date;

  constructor(stores: Stores, now: () => Date) {
    this.#stores = stores;
    this.#now = now;
  }

  /** By integration; those that take no events are not in it. */
  async summaries(caller: Caller, ids: readonly string[]): Promise<ReadonlyMap<string, DeliverySummary>> {
    return await this.#stores.overview.summaries(caller.organization.id, ids);
  }

  async describe(caller: Caller, range: StepRange): Promise<Overview> {
    const { id } = caller.organization;
    const { overview } = this.#stores;
    const totals = await overview.totals(id);
    const oldest = totals.waiting === 0 ? undefined : await overview.oldestWaiting(id);
    const now = this.#now().getTime();
    return {
      totals,
      oldestWaitingMs: oldest && Math.max(0, now - oldest.getTime()),
      steps: withPresent(await overview.steps(id, range), { range, now, totals }),
      unhealthy: await overview.unhealthy(id, mostUnhealthy),
    };
  }
}

interface Present {
  readonly range: StepRange;
  readonly now: number;
  readonly totals: OverviewTotals;
}

/** Of the step that is not over the totals are told, so that a chart ends with them. */
function withPresent(
  steps: readonly OrganizationStep[],
  { range, now, totals }: Present,
): readonly OrganizationStep[] {
  const index = Math.floor((now - range.from.getTime()) / (range.stepSeconds * 1_000));
  const present = steps[index];
  if (present === undefined) return steps;
  return steps.with(index, { ...present, waiting: totals.waiting, dead: totals.deadLetters });
}
