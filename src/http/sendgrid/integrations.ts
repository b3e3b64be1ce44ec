/** /v3/marketing/integrations: the five operations (contract: sendgrid, sections 1 to 3). */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { emailEvents } from '../../core/email-event.ts';
import { AppError } from '../../core/errors.ts';
import type { Caller } from '../../core/principal.ts';
import { Secret } from '../../core/secret.ts';
import { destinationRegions, writeKeyLength } from '../../core/segment.ts';
import type { SegmentIntegration, SegmentIntegrationService } from '../../services/segment-integrations.ts';
import { readJson } from '../body.ts';
import { queryOf } from '../query.ts';
import { idOf, resource } from '../resource.ts';
import { type Authenticate, callerOf } from './authenticate.ts';
import { renderParameterIssues } from './errors.ts';
import { parseDryRun, parseIds } from './ids-query.ts';
import { text, validate } from './validation.ts';

const labelLength = { least: 1, most: 100 } as const;

const events = z
  .array(
    z.enum(emailEvents, `email_events must be any of ${emailEvents.join(', ')}`),
    'email_events must be an array',
  )
  .transform((list) => [...new Set(list)]);
const region = z.enum(destinationRegions, 'destination_region must be EU or US');
const writeKey = text('write_key', writeKeyLength.least, writeKeyLength.most).transform(
  (value) => new Secret(value),
);
const label = text('label', labelLength.least, labelLength.most).optional();
const destination = z.literal('Segment', 'destination must be Segment');

const creation = z.object({
  destination,
  filters: z.object({ email_events: events }, 'filters must be an object with email_events'),
  properties: z.object(
    { destination_region: region, write_key: writeKey },
    'properties must be an object with destination_region and write_key',
  ),
  label,
});

const change = z.object({
  destination: destination.optional(),
  filters: z.object({ email_events: events.optional() }, 'filters must be an object').optional(),
  properties: z
    .object(
      { destination_region: region.optional(), write_key: writeKey.optional() },
      'properties must be an object',
    )
    .optional(),
  label,
});

export function registerIntegrations(
  app: FastifyInstance,
  authenticate: Authenticate,
  integrations: SegmentIntegrationService,
): void {
  resource(app, '/marketing/integrations', {
    GET: {
      authorize: [authenticate('marketing.read', 'marketing_campaigns.read')],
      handler: async (request) => {
        const caller = callerOf(request);
        return { result: (await integrations.list(caller)).map((each) => toWire(caller, each)) };
      },
    },
    POST: {
      authorize: [authenticate('marketing_campaigns.create')],
      handler: async (request, reply) => {
        const caller = callerOf(request);
        const { filters, properties, label: name } = validate(creation, readJson(request));
        const created = await integrations.create(caller, {
          name,
          emailEvents: filters.email_events,
          destinationRegion: properties.destination_region,
          writeKey: properties.write_key,
        });
        return await reply.code(201).send(toWire(caller, created));
      },
    },
    DELETE: {
      authorize: [authenticate('marketing_campaigns.delete')],
      handler: async (request, reply) => {
        const input = readRemoval(queryOf(request));
        if ('refusal' in input) return await reply.code(input.refusal.status).send(input.refusal.body);
        const removed = await integrations.remove(callerOf(request), input.ids, input.dryRun);
        if (!input.dryRun) return await reply.code(204).send();
        return {
          dry_run: true,
          message: `nothing was deleted; ${removed.length} integration${removed.length === 1 ? '' : 's'} would be`,
          result: removed.map(({ id, name }) => ({
            integration_id: id,
            label: name,
            destination: 'Segment',
          })),
        };
      },
    },
  });

  resource(app, '/marketing/integrations/:id', {
    GET: {
      authorize: [authenticate('marketing.read', 'marketing_campaigns.read')],
      handler: async (request) => {
        const caller = callerOf(request);
        return toWire(caller, await integrations.get(caller, idOf(request.params)));
      },
    },
    PATCH: {
      authorize: [authenticate('marketing_campaigns.update')],
      handler: async (request) => {
        const caller = callerOf(request);
        const { filters, properties, label: name } = validate(change, readJson(request));
        const updated = await integrations.update(caller, idOf(request.params), {
          name,
          emailEvents: filters?.email_events,
          destinationRegion: properties?.destination_region,
          writeKey: properties?.write_key,
        });
        return toWire(caller, updated);
      },
    },
  });
}

/** Bulk delete reports bad parameters one by one, unlike every other operation of this surface. */
function readRemoval(query: URLSearchParams) {
  try {
    return { ids: parseIds(query), dryRun: parseDryRun(query) };
  } catch (error) {
    if (error instanceof AppError && error.failure.code === 'invalid_request') {
      return { refusal: renderParameterIssues(error.failure.issues) };
    }
    throw error;
  }
}

/** The one place where a write key leaves in clear: to the account that it belongs to, as the contract says. */
function toWire(caller: Caller, { id, name, emailEvents: email_events, ...segment }: SegmentIntegration) {
  return {
    integration_id: id,
    user_id: String(caller.organization.userId),
    filters: { email_events },
    properties: { write_key: segment.writeKey.reveal(), destination_region: segment.destinationRegion },
    label: name,
    destination: 'Segment',
  };
}
