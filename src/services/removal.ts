/**
 * Removing integrations: the heart of the product. One rule for one and for many, on every surface: all of them go,
 * with their sealed credentials, or none does and every reason is named.
 */
import { AppError, type ReplacementProblem } from '../core/errors.ts';
import { isIntegrationId } from '../core/ids.ts';
import type { Integration, ProviderName } from '../core/integration.ts';
import type { IntegrationUse } from '../core/phone-number.ts';
import type { Caller } from '../core/principal.ts';
import type { HeldIntegration } from '../storage/integration-store.ts';
import type { Stores, Transaction } from '../storage/storage.ts';
import { entry, requireVersion } from './integrations.ts';
import type { Removals } from './removals.ts';

export interface RemovalRequest {
  /** A repeated id counts once. */
  readonly ids: readonly string[];
  readonly providers: readonly ProviderName[];
  /** Answers as the removal would, and changes nothing. */
  readonly dryRun: boolean;
  /** Whatever refers to the integrations moves to this one first, in the same transaction. */
  readonly replaceWith?: string | undefined;
  /** The versions the caller has seen; undefined: any. */
  readonly ifVersion?: readonly number[] | undefined;
}

export interface RemovalResult {
  /** By id. */
  readonly removed: readonly Integration[];
  /** How many phone numbers moved to the replacement. */
  readonly moved: number;
}

export class RemovalService {
  readonly #stores: Stores;
  readonly #removals: Removals;

  constructor(stores: Stores, removals: Removals) {
    this.#stores = stores;
    this.#removals = removals;
  }

  /**
   * @throws AppError integrations_not_found (with what else stands in the way), integrations_in_use,
   * replacement_unusable, integration_changed
   */
  async remove(caller: Caller, request: RemovalRequest): Promise<RemovalResult> {
    const wanted = [...new Set(request.ids)];
    if (request.dryRun) return await this.#rehearse(caller, request, wanted);
    return await this.#stores.transaction(async (stores) => {
      const held = await this.#hold(stores, caller, { ...request, ids: wanted });
      const doomed = held.filter(({ integration }) => wanted.includes(integration.id));
      const integrations = doomed.map((each) => each.integration);
      const moved = await this.#clearReferences(stores, caller, { request, wanted, held });
      requireAll(wanted, integrations, []);
      const ids = integrations.map((each) => each.id);
      const { removed, holders } = await stores.deliveries.remove(caller.organization.id, ids);
      await stores.integrations.delete(caller.organization.id, ids);
      const undelivered = new Map(removed.map((each) => [each.integrationId, each.undelivered]));
      const replaced = request.replaceWith === undefined ? {} : { replaced_with: request.replaceWith };
      const entries = integrations.map((each) =>
        entry(caller, 'integration.deleted', each, {
          ...replaced,
          undelivered_events: undelivered.get(each.id) ?? 0,
        }),
      );
      const [first, ...others] = entries;
      if (first !== undefined) await stores.audit.append(first, ...others);
      await this.#removals.announce(stores, ids, [...holders, ...doomed.flatMap(verifierOf)]);
      return { removed: integrations, moved };
    });
  }

  /** Locks what goes and what takes its place, all in one order. */
  async #hold(
    stores: Transaction,
    caller: Caller,
    { ids, providers, replaceWith, ifVersion }: RemovalRequest,
  ): Promise<readonly HeldIntegration[]> {
    const all = replaceWith === undefined ? ids : [...ids, replaceWith];
    const held = await stores.integrations.lockAll(
      caller.organization.id,
      all.filter(isIntegrationId),
      providers,
    );
    for (const { integration } of held) {
      if (ids.includes(integration.id)) requireVersion(integration, ifVersion);
    }
    return held;
  }

  /** Moves the references away, or refuses because of them. @returns how many were moved */
  async #clearReferences(
    stores: Transaction,
    caller: Caller,
    { request: { replaceWith }, wanted, held }: Clearing,
  ): Promise<number> {
    const { organization, actor, requestId } = caller;
    const doomed = held.filter(({ integration }) => wanted.includes(integration.id));
    const integrations = doomed.map((each) => each.integration);
    if (replaceWith !== undefined) {
      const replacement = held.find(({ integration }) => integration.id === replaceWith)?.integration;
      requireAll(wanted, integrations, []);
      requireReplacement(replacement, wanted, integrations);
      const from = integrations.map((each) => each.id);
      const organizationId = organization.id;
      return await stores.phoneNumbers.moveAll({ organizationId, from, to: replaceWith, actor, requestId });
    }
    if (integrations.length === wanted.length && !doomed.some((each) => each.referredTo)) return 0;
    // the rows are held, so nothing new can come to refer to them: what is read now is what counts
    const uses = await stores.phoneNumbers.usesOf(
      organization.id,
      integrations.map((each) => each.id),
    );
    requireAll(wanted, integrations, uses);
    if (uses.length > 0) throw new AppError({ code: 'integrations_in_use', uses });
    return 0;
  }

  async #rehearse(
    caller: Caller,
    request: RemovalRequest,
    wanted: readonly string[],
  ): Promise<RemovalResult> {
    const { providers, replaceWith, ifVersion } = request;
    const { id: organizationId } = caller.organization;
    const all = replaceWith === undefined ? wanted : [...wanted, replaceWith];
    const found = await this.#stores.integrations.findAll(
      organizationId,
      all.filter(isIntegrationId),
      providers,
    );
    const removed = found.filter(({ id }) => wanted.includes(id));
    for (const integration of removed) requireVersion(integration, ifVersion);
    const uses = await this.#stores.phoneNumbers.usesOf(
      organizationId,
      removed.map(({ id }) => id),
    );
    if (replaceWith === undefined) {
      requireAll(wanted, removed, uses);
      if (uses.length > 0) throw new AppError({ code: 'integrations_in_use', uses });
      return { removed, moved: 0 };
    }
    requireAll(wanted, removed, []);
    requireReplacement(
      found.find(({ id }) => id === replaceWith),
      wanted,
      removed,
    );
    return { removed, moved: uses.reduce((sum, use) => sum + use.total, 0) };
  }
}

/** Who may be about to send a request with the integration's credentials, to verify them. */
function verifierOf({ verification }: HeldIntegration): readonly string[] {
  return verification === undefined ? [] : [verification.owner];
}

interface Clearing {
  readonly request: RemovalRequest;
  readonly wanted: readonly string[];
  readonly held: readonly HeldIntegration[];
}

function requireAll(
  wanted: readonly string[],
  found: readonly Integration[],
  uses: readonly IntegrationUse[],
): void {
  const known = new Set(found.map((each) => each.id));
  const ids = wanted.filter((id) => !known.has(id));
  if (ids.length > 0) throw new AppError({ code: 'integrations_not_found', ids, uses });
}

function requireReplacement(
  replacement: Integration | undefined,
  wanted: readonly string[],
  doomed: readonly Integration[],
): void {
  if (replacement === undefined) throw refuse('not_found');
  if (wanted.includes(replacement.id)) throw refuse('being_deleted');
  if (doomed.some(({ provider }) => provider !== replacement.provider)) throw refuse('other_provider');
}

function refuse(reason: ReplacementProblem): AppError {
  return new AppError({ code: 'replacement_unusable', reason });
}
