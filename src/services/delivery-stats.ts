/** Figures of one integration's delivery, step by step. */
import { kindsOf } from '../core/email-event.ts';
import { AppError } from '../core/errors.ts';
import type { Caller } from '../core/principal.ts';
import type { DeliveryStep } from '../eventlog/delivery-stats-store.ts';
import type { Catalog } from '../providers/catalog.ts';
import type { Stores } from '../storage/storage.ts';
import type { IntegrationService } from './integrations.ts';

export interface StatsRequest {
  readonly from: Date;
  readonly to: Date;
  readonly stepSeconds: number;
}

export class DeliveryStatsService {
  readonly #stores: Stores;
  readonly #integrations: IntegrationService;
  readonly #catalog: Catalog;

  constructor(stores: Stores, integrations: IntegrationService, catalog: Catalog) {
    this.#stores = stores;
    this.#integrations = integrations;
    this.#catalog = catalog;
  }

  /**
   * One entry a step, oldest first, steps without anything included.
   * @throws AppError integrations_not_found, forwards_no_events
   */
  async steps(caller: Caller, id: string, request: StatsRequest): Promise<readonly DeliveryStep[]> {
    const reference = { id, providers: this.#catalog.inCategory(undefined) };
    const { organizationId, emailEvents, provider } = await this.#integrations.describe(caller, reference);
    if (!this.#catalog.get(provider).takesEmailEvents) throw new AppError({ code: 'forwards_no_events' });
    const kinds = kindsOf(emailEvents);
    return await this.#stores.deliveryStats.steps({ ...request, organizationId, integrationId: id, kinds });
  }
}

/** Counts the attempts of the minutes that are over, so that figures need not be counted when they are asked for. */
export async function keepFigures(stores: Stores): Promise<void> {
  while (await stores.transaction(async ({ minutes }) => await minutes.countAttempts()));
}

/** Notes what waits and what is dead, once a minute, by one process. */
export async function sampleMinute(stores: Stores): Promise<void> {
  await stores.transaction(async ({ minutes }) => await minutes.sample());
}
