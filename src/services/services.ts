/** The services that change things, bound to stores: to the database, or to one transaction that is already open. */

import type { Catalog } from '../providers/catalog.ts';
import type { Delivery } from '../providers/delivery.ts';
import type { Stores } from '../storage/storage.ts';
import type { Vault } from '../vault/vault.ts';
import { ApiKeyService } from './api-keys.ts';
import { DeliveryService } from './deliveries.ts';
import { DeliveryStatsService } from './delivery-stats.ts';
import { EventSourceService } from './event-sources.ts';
import { EventTrailService } from './event-trail.ts';
import { IntegrationService } from './integrations.ts';
import { OverviewService } from './overview.ts';
import { PhoneNumberService } from './phone-numbers.ts';
import { RemovalService } from './removal.ts';
import type { Removals } from './removals.ts';
import { RoleKeyService } from './role-keys.ts';
import { TestEventService } from './test-event.ts';
import type { VerificationService } from './verification.ts';

export interface BoundServices {
  readonly integrations: IntegrationService;
  readonly removal: RemovalService;
  readonly phoneNumbers: PhoneNumberService;
  readonly roleKeys: RoleKeyService;
  readonly apiKeys: ApiKeyService;
  readonly eventSources: EventSourceService;
  readonly deliveries: DeliveryService;
  readonly eventTrail: EventTrailService;
  readonly deliveryStats: DeliveryStatsService;
  readonly overview: OverviewService;
  readonly testEvents: TestEventService;
}

export type BindServices = (stores: Stores) => BoundServices;

export interface ServiceParts {
  readonly vault: Vault;
  readonly catalog: Catalog;
  readonly removals: Removals;
  readonly delivery: Delivery;
  readonly verification: VerificationService;
  readonly now: () => Date;
  /** There is work for the forwarder. */
  readonly wakeForwarder: () => void;
}

export function createServiceBinder(parts: ServiceParts): BindServices {
  const { vault, catalog, delivery, removals, verification, now, wakeForwarder: wake } = parts;
  return (stores) => {
    const integrations = new IntegrationService({ stores, vault, catalog, verification });
    return {
      integrations,
      removal: new RemovalService(stores, removals),
      phoneNumbers: new PhoneNumberService(stores, vault, catalog),
      roleKeys: new RoleKeyService(stores, now),
      apiKeys: new ApiKeyService(stores),
      eventSources: new EventSourceService(stores),
      deliveries: new DeliveryService({ stores, integrations, catalog, removals, wake }),
      eventTrail: new EventTrailService(stores),
      deliveryStats: new DeliveryStatsService(stores, integrations, catalog),
      overview: new OverviewService(stores, now),
      testEvents: new TestEventService({ stores, integrations, catalog, delivery, removals }),
    };
  };
}
