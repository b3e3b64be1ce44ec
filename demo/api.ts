/** What Jackfield says of itself under /api. */
import { z } from 'zod';

export interface Account {
  readonly url: string;
  readonly organizationId: string;
  readonly roleKey: string;
}

export interface DeliveryState {
  readonly waiting_events: number;
  readonly dead_letters: number;
}

const sourcesForm = z.object({ data: z.tuple([z.looseObject({ source_id: z.string(), url: z.url() })]) });
const deliveryForm = z.object({ data: z.looseObject({ waiting_events: z.int(), dead_letters: z.int() }) });
const deadLettersForm = z.object({
  data: z.array(z.looseObject({ sg_event_id: z.string() })),
  pagination: z.looseObject({ next_cursor: z.string().nullable() }),
});
const auditForm = z.object({
  data: z.tuple([z.looseObject({ details: z.looseObject({ undelivered_events: z.int() }) })]),
});
const replayForm = z.object({ data: z.looseObject({ events: z.int() }) });
const trailForm = z.object({
  data: z.looseObject({ integrations: z.array(z.looseObject({ integration_id: z.string() })) }),
});

export class Api {
  readonly #account: Account;

  constructor(account: Account) {
    this.#account = account;
  }

  /** Has the signatures of the account's event source checked. @returns where to post events */
  async requireSignatures(publicKey: string): Promise<string> {
    const [source] = sourcesForm.parse(await this.#call('GET', '/event-sources')).data;
    await this.#call('PUT', `/event-sources/${source.source_id}`, { public_key: publicKey });
    return source.url;
  }

  async delivery(id: string): Promise<DeliveryState> {
    return deliveryForm.parse(await this.#call('GET', `/integrations/${id}/delivery`)).data;
  }

  /** Event ids, one a dead letter. */
  async deadLetters(id: string): Promise<readonly string[]> {
    const ids: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const answer = await this.#call('GET', `/integrations/${id}/dead-letters?limit=100${query}`);
      const { data, pagination } = deadLettersForm.parse(answer);
      ids.push(...data.map(({ sg_event_id }) => sg_event_id));
      cursor = pagination.next_cursor;
    }
    return ids;
  }

  /** From the audit entry of the delete. */
  async undeliveredAtDelete(id: string): Promise<number> {
    const path = `/audit-log?action=integration.deleted&target_id=${id}`;
    return auditForm.parse(await this.#call('GET', path)).data[0].details.undelivered_events;
  }

  /** Whether an event came while an integration was there. */
  async reached(eventId: string, integrationId: string): Promise<boolean> {
    const { data } = trailForm.parse(await this.#call('GET', `/events/${eventId}`));
    return data.integrations.some(({ integration_id }) => integration_id === integrationId);
  }

  /** Sends what a deleted integration had not got to another one. @returns how many events */
  async replay(id: string, deletedId: string): Promise<number> {
    const json = { from_integration: deletedId };
    return replayForm.parse(await this.#call('POST', `/integrations/${id}/replay`, json)).data.events;
  }

  async #call(method: string, path: string, json?: unknown): Promise<unknown> {
    const { url, organizationId, roleKey } = this.#account;
    const response = await fetch(`${url}/api${path}`, {
      method,
      headers: {
        'x-api-key': roleKey,
        'x-organization-id': organizationId,
        ...(json !== undefined && { 'content-type': 'application/json' }),
      },
      ...(json !== undefined && { body: JSON.stringify(json) }),
    });
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}`);
    return await response.json();
  }
}
