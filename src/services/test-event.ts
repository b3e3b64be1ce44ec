/** One marked event, sent at once and outside of the log, to see what the destination says. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '../core/errors.ts';
import type { Caller } from '../core/principal.ts';
import type { Catalog } from '../providers/catalog.ts';
import type { Delivery } from '../providers/delivery.ts';
import type { Stores } from '../storage/storage.ts';
import type { IntegrationService } from './integrations.ts';
import type { Removals } from './removals.ts';

export interface TestEventResult {
  readonly sgEventId: string;
  readonly outcome: 'delivered' | 'retry' | 'rejected';
  /** Undefined where there was no answer. */
  readonly status: number | undefined;
  readonly answer: string;
  readonly reason: string | undefined;
  readonly latencyMs: number;
}

const credentialsForm = z.record(z.string(), z.string());

/** As long as a removal waits for a request to begin or never to. */
const leaseMs = 2_000;

export interface TestEventParts {
  readonly stores: Stores;
  readonly integrations: IntegrationService;
  readonly catalog: Catalog;
  readonly delivery: Delivery;
  readonly removals: Removals;
}

export class TestEventService {
  readonly #parts: TestEventParts;

  constructor(parts: TestEventParts) {
    this.#parts = parts;
  }

  /** @throws AppError integrations_not_found, forwards_no_events */
  async send(caller: Caller, id: string, signal: AbortSignal): Promise<TestEventResult> {
    const { stores, integrations, catalog, delivery, removals } = this.#parts;
    const reference = { id, providers: catalog.inCategory(undefined) };
    const { integration, credentials } = await integrations.get(caller, reference);
    if (!catalog.get(integration.provider).takesEmailEvents)
      throw new AppError({ code: 'forwards_no_events' });
    const sgEventId = `test-${randomUUID()}`;
    const destination = {
      integrationId: id,
      settings: integration.settings,
      credentials: credentialsForm.parse(JSON.parse(credentials.reveal())),
    };
    const { ready } = delivery.prepare(id, [
      { position: 0, event: 'delivered', sgEventId, payload: sample(sgEventId) },
    ]);
    using watch = removals.watch(id);
    const { id: organizationId } = caller.organization;
    const gone = new AppError({ code: 'integrations_not_found', ids: [id], uses: [] });
    if (!(await stores.verifications.lease(organizationId, id, removals.processId, leaseMs))) throw gone;
    const either = AbortSignal.any([signal, watch.signal]);
    const startedAt = performance.now();
    const { outcome, status, answer } = await delivery.send(destination, ready, either);
    // cut off because it was removed: that is no answer of the destination's
    if (watch.signal.aborted && outcome.kind === 'retry') throw gone;
    return {
      sgEventId,
      outcome: outcome.kind === 'refused' ? 'rejected' : outcome.kind,
      status,
      answer,
      reason: outcome.kind === 'delivered' ? undefined : outcome.reason,
      latencyMs: Math.round(performance.now() - startedAt),
    };
  }
}

/** Marked in its category, so that nobody takes it for a customer's. */
function sample(sgEventId: string): string {
  return JSON.stringify({
    event: 'delivered',
    email: 'jackfield-test@example.com',
    timestamp: Math.floor(Date.now() / 1_000),
    sg_event_id: sgEventId,
    category: ['jackfield-test'],
  });
}
