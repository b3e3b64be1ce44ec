/** /api/integrations: create, list, get, update, usage (contract: butter, section 3). Deletes are in removal.ts. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import type { Integration } from '../../core/integration.ts';
import type { PhoneNumber } from '../../core/phone-number.ts';
import { readJson } from '../body.ts';
import { singleQueryOf } from '../query.ts';
import { resource } from '../resource.ts';
import { callerOf } from './authenticate.ts';
import { answerWrite, type ButterContext } from './context.ts';
import { readChange, readCreation, requireEmailEvents } from './integration-body.ts';
import { listIntegrations } from './integration-list.ts';
import { pageQuery, toList, toPageRequest } from './paging.ts';
import { integrationIdOf, versionsOf } from './parameters.ts';
import { removeOne } from './removal.ts';
import { validate } from './validation.ts';
import { etagOf, phoneNumberToWire } from './wire.ts';

const partsQuery = z.object({ include: z.literal('settings').optional() });

export function registerIntegrations(app: FastifyInstance, context: ButterContext): void {
  const { services, catalog, authenticate, integrationToWire } = context;
  const everyProvider = catalog.inCategory(undefined);

  resource(app, '/integrations', {
    GET: {
      authorize: [authenticate('integrations:read')],
      handler: async (request) => await listIntegrations(context, request),
    },
    POST: {
      authorize: [authenticate('integrations:create')],
      handler: async (request, reply) => {
        const { secret, provider, ...draft } = readCreation(catalog, readJson(request));
        return await answerWrite(context, request, reply, async ({ integrations }) => {
          const { integration } = await integrations.create(callerOf(request), {
            ...draft,
            provider: provider.name,
            credentials: secret,
          });
          return succeeded(context, integration, 'created', 201);
        });
      },
    },
  });

  resource(app, '/integrations/:id', {
    GET: {
      authorize: [authenticate('integrations:read')],
      handler: async (request, reply) => {
        const reference = { id: integrationIdOf(request), providers: everyProvider };
        const { include } = validate(partsQuery, singleQueryOf(request), 'query');
        const integration = await services.integrations.describe(callerOf(request), reference);
        reply.header('etag', etagOf(integration));
        const data = integrationToWire(integration);
        if (include === undefined) return { success: true, data };
        return { success: true, data: { ...data, settings: settingsOf(context, integration) } };
      },
    },
    PUT: {
      authorize: [authenticate('integrations:update')],
      handler: async (request, reply) => {
        const id = integrationIdOf(request);
        const input = readChange(catalog, readJson(request));
        const reference = { id, providers: everyProvider, ifVersion: versionsOf(request) };
        return await answerWrite(context, request, reply, async ({ integrations }) => {
          const updated = await integrations.update(callerOf(request), reference, ({ integration }) => {
            const { credentials, emailEvents } = input;
            if (emailEvents !== undefined) requireEmailEvents(catalog.get(integration.provider), 'filters');
            if (credentials !== undefined && credentials.provider.name !== integration.provider) {
              throw new AppError({ code: 'provider_fixed', provider: integration.provider });
            }
            const name = input.name ?? integration.name;
            const sameEvents =
              emailEvents === undefined || emailEvents.join() === integration.emailEvents.join();
            const unchanged = credentials === undefined && sameEvents && name === integration.name;
            if (unchanged) return undefined;
            return {
              name,
              emailEvents: emailEvents ?? integration.emailEvents,
              settings: credentials?.settings ?? integration.settings,
              credentials: credentials?.secret,
            };
          });
          return succeeded(context, updated.integration, 'updated', 200);
        });
      },
    },
    DELETE: {
      authorize: [authenticate('integrations:delete')],
      handler: async (request, reply) => await removeOne(context, request, reply),
    },
  });

  resource(app, '/integrations/:id/usage', {
    GET: {
      authorize: [authenticate('integrations:read')],
      handler: async (request) => await describeUsage(context, request),
    },
  });
}

/** What refers to an integration, and whether it could be deleted now. */
async function describeUsage({ services, catalog }: ButterContext, request: FastifyRequest) {
  const caller = callerOf(request);
  const id = integrationIdOf(request);
  const query = validate(pageQuery, singleQueryOf(request), 'query');
  await services.integrations.describe(caller, { id, providers: catalog.inCategory(undefined) });
  const filter = { status: undefined, integrationId: id };
  const page = await services.phoneNumbers.page(caller, filter, toPageRequest(query, 'phon'));
  const { data, pagination } = toList(page, query.limit, toReference);
  const waiting_events = await services.deliveries.waiting(caller, id);
  return {
    success: true,
    data: { integration_id: id, can_delete: page.total === 0, waiting_events, references: data },
    pagination,
  };
}

/** What can be shown of how it is set up; its secrets are sealed, and not even opened here. */
function settingsOf({ catalog }: ButterContext, { provider, settings, emailEvents }: Integration) {
  const { takesEmailEvents } = catalog.get(provider);
  return { ...settings, ...(takesEmailEvents && { email_events: emailEvents }) };
}

function toReference(number: PhoneNumber) {
  const { phone_number_id, phone_number, status } = phoneNumberToWire(number);
  // for people only: a number that no numbering plan knows is shown as it is
  const display = parsePhoneNumberFromString(phone_number)?.formatInternational() ?? phone_number;
  return { type: 'phone_number', phone_number_id, phone_number, display, status };
}

function succeeded(
  { integrationToWire }: ButterContext,
  integration: Integration,
  what: 'created' | 'updated',
  status: number,
) {
  return {
    status,
    headers: { etag: etagOf(integration) },
    body: {
      success: true,
      message: `Integration ${what} successfully`,
      data: integrationToWire(integration),
    },
  };
}
