/** /api/rejected-elements: what came in and was no event, each with the reason. */
import type { FastifyInstance } from 'fastify';
import type { RejectedElement } from '../../eventlog/rejected-store.ts';
import { singleQueryOf } from '../query.ts';
import { resource } from '../resource.ts';
import { callerOf } from './authenticate.ts';
import type { ButterContext } from './context.ts';
import { cutOf, toList } from './delivery.ts';
import { pageQuery } from './paging.ts';
import { validate } from './validation.ts';
import { timestamp } from './wire.ts';

export function registerRejectedElements(
  app: FastifyInstance,
  { services, authenticate }: ButterContext,
): void {
  resource(app, '/rejected-elements', {
    GET: {
      authorize: [authenticate('integrations:read')],
      handler: async (request) => {
        const cut = cutOf(validate(pageQuery, singleQueryOf(request), 'query'));
        return toList(await services.eventTrail.rejected(callerOf(request), cut), cut.limit, toWire);
      },
    },
  });
}

function toWire({ id, at, sourceId, reason, element, count }: RejectedElement) {
  return {
    rejected_element_id: id,
    at: timestamp(at),
    source_id: sourceId ?? null,
    reason,
    element,
    count,
  };
}
