/** Lists of integrations: what they are filtered and sorted by, and how each stands in its delivery. */
import type { Integration, ProviderName } from './integration.ts';

/** `not_forwarding`: the provider takes no email events. */
export const deliveryStates = ['running', 'backing_off', 'paused', 'not_forwarding'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** `-` turns the order around. Beside equal ones the id decides, so that every order is one. */
export const integrationSorts = [
  'created_at',
  '-created_at',
  'name',
  '-name',
  'waiting',
  '-waiting',
  'health',
] as const;
export type IntegrationSort = (typeof integrationSorts)[number];

/** Where an integration stands in an order: what it is sorted by, and its id at the end. */
export type SortKey = readonly (string | number)[];

export interface IntegrationFilter {
  readonly providers: readonly ProviderName[];
  readonly status: string | undefined;
  /** A part of the name or of the id, in any case. */
  readonly search: string | undefined;
  readonly states: readonly DeliveryState[] | undefined;
}

export interface IntegrationListRequest {
  readonly filter: IntegrationFilter;
  readonly sort: IntegrationSort;
  readonly limit: number;
  readonly after: SortKey | undefined;
}

export interface IntegrationList {
  readonly items: readonly Integration[];
  /** Undefined on the last page. */
  readonly next: SortKey | undefined;
  /** Of the whole filter, not of the page. */
  readonly total: number;
}

/** How the delivery to one integration stands, in short. */
export interface DeliverySummary {
  readonly state: DeliveryState;
  /** Of the live cursor and of every replay. */
  readonly waiting: number;
  readonly deadLetters: number;
  readonly lastSuccessAt: Date | null;
  readonly lastError: string | null;
  readonly lastErrorAt: Date | null;
  readonly nextAttemptAt: Date | null;
}
