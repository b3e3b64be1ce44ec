/** Segment integrations in typed form, for the surface that knows no other provider. */

import type { EmailEvent } from '../core/email-event.ts';
import { defaultIntegrationName, type Integration, type ProviderName } from '../core/integration.ts';
import type { Caller } from '../core/principal.ts';
import { Secret } from '../core/secret.ts';
import { type DestinationRegion, segmentCredentials, segmentSettings } from '../core/segment.ts';
import type { IntegrationService, OpenedIntegration } from './integrations.ts';
import type { RemovalService } from './removal.ts';

const providers: readonly ProviderName[] = ['segment'];

export interface SegmentIntegration {
  readonly id: string;
  readonly name: string;
  readonly emailEvents: readonly EmailEvent[];
  readonly destinationRegion: DestinationRegion;
  readonly writeKey: Secret;
}

export type SegmentDraft = Omit<SegmentIntegration, 'id' | 'name'> & { readonly name: string | undefined };

/** What is undefined stays as it is. */
export interface SegmentChange {
  readonly name: string | undefined;
  readonly emailEvents: readonly EmailEvent[] | undefined;
  readonly destinationRegion: DestinationRegion | undefined;
  readonly writeKey: Secret | undefined;
}

export class SegmentIntegrationService {
  readonly #integrations: IntegrationService;
  readonly #removal: RemovalService;

  constructor(integrations: IntegrationService, removal: RemovalService) {
    this.#integrations = integrations;
    this.#removal = removal;
  }

  /** Oldest first. */
  async list(caller: Caller): Promise<readonly SegmentIntegration[]> {
    return (await this.#integrations.list(caller, providers)).map(toSegment);
  }

  /** @throws AppError integrations_not_found */
  async get(caller: Caller, id: string): Promise<SegmentIntegration> {
    return toSegment(await this.#integrations.get(caller, { id, providers }));
  }

  /** @throws AppError integration_limit_reached */
  async create(caller: Caller, draft: SegmentDraft): Promise<SegmentIntegration> {
    const created = await this.#integrations.create(caller, {
      provider: 'segment',
      name: draft.name ?? defaultIntegrationName,
      emailEvents: draft.emailEvents,
      settings: { destination_region: draft.destinationRegion },
      credentials: pack(draft.writeKey),
    });
    return toSegment(created);
  }

  /** @throws AppError integrations_not_found */
  async update(caller: Caller, id: string, change: SegmentChange): Promise<SegmentIntegration> {
    const updated = await this.#integrations.update(caller, { id, providers }, (opened) => {
      const current = toSegment(opened);
      const next = {
        name: change.name ?? current.name,
        emailEvents: change.emailEvents ?? current.emailEvents,
        settings: { destination_region: change.destinationRegion ?? current.destinationRegion },
      };
      const newKey = change.writeKey?.reveal() === current.writeKey.reveal() ? undefined : change.writeKey;
      if (newKey === undefined && isSame(current, next)) return undefined;
      return { ...next, credentials: newKey && pack(newKey) };
    });
    return toSegment(updated);
  }

  /** All or nothing. @throws AppError integrations_not_found */
  async remove(caller: Caller, ids: readonly string[], dryRun: boolean): Promise<readonly Integration[]> {
    return (await this.#removal.remove(caller, { ids, providers, dryRun })).removed;
  }
}

function isSame(current: SegmentIntegration, next: Pick<Integration, 'name' | 'emailEvents' | 'settings'>) {
  return (
    current.name === next.name &&
    current.destinationRegion === next.settings['destination_region'] &&
    current.emailEvents.join() === next.emailEvents.join()
  );
}

function pack(writeKey: Secret): Secret {
  return new Secret(JSON.stringify({ write_key: writeKey.reveal() }));
}

function toSegment({ integration, credentials }: OpenedIntegration): SegmentIntegration {
  return {
    id: integration.id,
    name: integration.name,
    emailEvents: integration.emailEvents,
    destinationRegion: segmentSettings.parse(integration.settings).destination_region,
    writeKey: new Secret(segmentCredentials.parse(JSON.parse(credentials.reveal())).write_key),
  };
}
