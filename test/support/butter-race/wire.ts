/** The requests of the race as they go over the wire, and what their answers say in terms of the model. */
import { z } from 'zod';
import type { Answer, CallOptions } from '../http.ts';
import type { RaceRequest, Told } from './model.ts';

const integrations = '/api/integrations';
const phoneNumbers = '/api/phone-numbers';

export interface WireRequest extends Pick<CallOptions, 'json' | 'headers'> {
  readonly method: string;
  readonly path: string;
}

export function toWire(request: RaceRequest, newCredentials: () => unknown): WireRequest {
  switch (request.kind) {
    case 'remove': {
      const { ids, bulk, replaceWith, ifVersion } = request;
      if (bulk) {
        const json = { integration_ids: ids, replace_with: replaceWith };
        return { method: 'POST', path: `${integrations}/bulk-delete`, json };
      }
      const query = replaceWith === undefined ? '' : `?replace_with=${replaceWith}`;
      return { method: 'DELETE', path: `${integrations}/${ids[0]}${query}`, headers: ifMatch(ifVersion) };
    }
    case 'update': {
      const { id, name, ifVersion } = request;
      const json = { name, ...(request.newCredentials && { credentials: newCredentials() }) };
      return { method: 'PUT', path: `${integrations}/${id}`, json, headers: ifMatch(ifVersion) };
    }
    case 'import': {
      const { phoneNumber, integrationId } = request;
      const json = { provider: 'twilio', phone_number: phoneNumber, integration_id: integrationId };
      return { method: 'POST', path: phoneNumbers, json };
    }
    case 'reassign': {
      const json = { integration_id: request.integrationId };
      return { method: 'PUT', path: `${phoneNumbers}/${request.numberId}`, json };
    }
    case 'remove number':
      return { method: 'DELETE', path: `${phoneNumbers}/${request.numberId}` };
    case 'usage':
      return { method: 'GET', path: `${integrations}/${request.id}/usage` };
  }
}

/** @throws where the answer has not the form that its status promises. */
export function readAnswer(request: RaceRequest, { status, json, headers }: Answer): Told {
  const isDone = status < 300;
  switch (request.kind) {
    case 'remove':
      if (isDone) return { status, fact: removed.parse(json) };
      return { status, fact: request.bulk ? readBulkRefusal(status, json) : readRefusal(status, json) };
    case 'update':
      if (!isDone) return { status, fact: undefined };
      return {
        status,
        fact: { name: named.parse(json), version: Number(headers.get('etag')?.replaceAll('"', '')) },
      };
    case 'import':
      return { status, fact: isDone ? referring.parse(json) : readRefusal(status, json) };
    case 'reassign':
    case 'remove number':
      // which of two things is missing depends on when each was looked for
      return { status, fact: isDone ? referring.parse(json) : undefined };
    case 'usage':
      return { status, fact: isDone ? usage.parse(json) : undefined };
  }
}

/** The id of the number that an import has made; empty where it has made none. */
export function newIdOf({ status, json }: Answer): string {
  return status === 201 ? imported.parse(json).data.phone_number_id : '';
}

const imported = z.object({ data: z.object({ phone_number_id: z.string() }) });
const integration = z.object({ integration_id: z.string() });
const removed = z
  .object({
    data: z.union([z.array(integration), integration.transform((each) => [each])]),
    moved_phone_numbers: z.number().optional(),
  })
  .transform(({ data, moved_phone_numbers: moved }) => ({
    deleted: data.map((each) => each.integration_id),
    ...(moved !== undefined && { moved }),
  }));
const named = z.object({ data: z.object({ name: z.string() }) }).transform(({ data }) => data.name);
const referring = z
  .object({ data: z.object({ integration_id: z.string() }) })
  .transform(({ data }) => ({ integrationId: data.integration_id }));
const usage = z
  .object({
    data: z.object({
      can_delete: z.boolean(),
      references: z.array(z.object({ phone_number: z.string() })),
    }),
    pagination: z.object({ total_count: z.number() }),
  })
  .refine(({ data, pagination }) => data.can_delete === (pagination.total_count === 0))
  .transform(({ data, pagination }) => ({
    numbers: data.references.map((each) => each.phone_number).toSorted(),
    total: pagination.total_count,
  }));

const sentence = z.object({ detail: z.string() });
const issues = z.object({ detail: z.tuple([z.object({ msg: z.string() })]) });

function readRefusal(status: number, json: unknown): unknown {
  if (status === 409) return sentence.parse(json).detail;
  return status === 422 ? issues.parse(json).detail[0].msg : undefined;
}

const offender = z.discriminatedUnion('reason', [
  integration
    .extend({ reason: z.literal('not_found') })
    .transform(({ integration_id: id, reason }) => [id, reason]),
  integration
    .extend({
      reason: z.literal('in_use'),
      phone_numbers: z.array(z.string()),
      total_phone_numbers: z.number(),
    })
    .refine((each) => each.phone_numbers.length === each.total_phone_numbers)
    .transform(({ integration_id: id, reason, phone_numbers: numbers }) => [id, reason, numbers]),
]);
const offenders = z.object({ errors: z.array(offender) });

function readBulkRefusal(status: number, json: unknown): unknown {
  return [404, 409].includes(status) ? offenders.parse(json).errors : readRefusal(status, json);
}

function ifMatch(version: number | undefined): Record<string, string> {
  return version === undefined ? {} : { 'if-match': `"${version}"` };
}
