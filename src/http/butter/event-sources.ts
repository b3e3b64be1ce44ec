/** /api/event-sources: where SendGrid's Event Webhook is pointed at. Permissions as for integrations. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { EventSource } from '../../core/event-source.ts';
import { storableText } from '../../core/text.ts';
import { parsePublicKey } from '../../core/webhook-signature.ts';
import { readJson } from '../body.ts';
import { singleQueryOf } from '../query.ts';
import { resource } from '../resource.ts';
import { callerOf } from './authenticate.ts';
import { answerWrite, type ButterContext } from './context.ts';
import { pageQuery, toList, toPageRequest } from './paging.ts';
import { eventSourceIdOf } from './parameters.ts';
import { validate } from './validation.ts';
import { timestamp } from './wire.ts';

const publicKey = z
  .string()
  .max(1_000)
  .refine(
    (text) => parsePublicKey(text) !== undefined,
    'Input should be the base64 of a P-256 public key, as SendGrid shows it',
  )
  .nullable();
const creation = z.object({
  name: storableText(1, 100),
  kind: z.enum(['sendgrid']),
  public_key: publicKey.optional(),
});
const change = z.object({ name: storableText(1, 100).optional(), public_key: publicKey.optional() });

export function registerEventSources(app: FastifyInstance, context: ButterContext): void {
  const { services, authenticate, publicUrl } = context;
  // where nothing was set: as this caller reaches the server. SendGrid wants https, which a proxy may add unseen.
  const originOf = (request: FastifyRequest) => publicUrl?.origin ?? `${request.protocol}://${request.host}`;

  resource(app, '/event-sources', {
    GET: {
      authorize: [authenticate('integrations:read')],
      handler: async (request) => {
        const query = validate(pageQuery, singleQueryOf(request), 'query');
        const page = await services.eventSources.page(callerOf(request), toPageRequest(query, 'src'));
        return toList(page, query.limit, (source) => toWire(source, originOf(request)));
      },
    },
    POST: {
      authorize: [authenticate('integrations:create')],
      handler: async (request, reply) => {
        const { name, public_key } = validate(creation, readJson(request));
        return await answerWrite(context, request, reply, async ({ eventSources }) => {
          const wish = { name, publicKey: public_key ?? null };
          const source = await eventSources.create(callerOf(request), wish);
          return { status: 201, ...succeeded(originOf(request), source, 'created') };
        });
      },
    },
  });

  resource(app, '/event-sources/:id', {
    GET: {
      authorize: [authenticate('integrations:read')],
      handler: async (request) => {
        const source = await services.eventSources.get(callerOf(request), eventSourceIdOf(request));
        return { success: true, data: toWire(source, originOf(request)) };
      },
    },
    PUT: {
      authorize: [authenticate('integrations:update')],
      handler: async (request, reply) => {
        const id = eventSourceIdOf(request);
        const { name, public_key } = validate(change, readJson(request));
        return await answerWrite(context, request, reply, async ({ eventSources }) => {
          const revision = { name, publicKey: public_key };
          return succeeded(
            originOf(request),
            await eventSources.update(callerOf(request), id, revision),
            'updated',
          );
        });
      },
    },
    DELETE: {
      authorize: [authenticate('integrations:delete')],
      handler: async (request, reply) => {
        const id = eventSourceIdOf(request);
        return await answerWrite(context, request, reply, async ({ eventSources }) =>
          succeeded(originOf(request), await eventSources.delete(callerOf(request), id), 'deleted'),
        );
      },
    },
  });
}

function succeeded(origin: string, source: EventSource, what: string) {
  return {
    body: { success: true, message: `Event source ${what} successfully`, data: toWire(source, origin) },
  };
}

function toWire(source: EventSource, origin: string) {
  return {
    source_id: source.id,
    client_id: source.organizationId,
    name: source.name,
    kind: 'sendgrid',
    url: `${origin}/events/sendgrid/${source.id}`,
    public_key: source.publicKey,
    created_at: timestamp(source.createdAt),
    updated_at: timestamp(source.updatedAt),
  };
}
