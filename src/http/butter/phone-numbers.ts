/** /api/phone-numbers: import, list, get, update (reassign), delete (contract: butter, section 4). */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { mediaEncryptions, phoneNumberForm, phoneNumberProviders } from '../../core/phone-number.ts';
import { Secret } from '../../core/secret.ts';
import { storableText } from '../../core/text.ts';
import type { PhoneNumberDraft } from '../../services/phone-numbers.ts';
import { readJson } from '../body.ts';
import { singleQueryOf } from '../query.ts';
import { resource } from '../resource.ts';
import { callerOf } from './authenticate.ts';
import { answerWrite, type ButterContext } from './context.ts';
import { pageQuery, toList, toPageRequest } from './paging.ts';
import { integrationIdForm, phoneNumberIdOf } from './parameters.ts';
import { validate } from './validation.ts';
import { phoneNumberToWire } from './wire.ts';

const common = {
  phone_number: z
    .string()
    .regex(phoneNumberForm, 'Input should be + and 7 to 15 digits, the first of them not 0'),
  supports_inbound: z.boolean().default(false),
  supports_outbound: z.boolean().default(false),
};
const text = storableText(1, 255);

const twilioNumber = z.object({
  ...common,
  provider: z.literal('twilio'),
  integration_id: integrationIdForm,
});

const outboundFields = ['sip_trunk_name', 'sip_username', 'sip_password', 'sip_server_address'] as const;
const sipNumber = z
  .object({
    ...common,
    provider: z.literal('sip'),
    sip_trunk_name: text.optional(),
    sip_username: text.optional(),
    sip_password: text.optional(),
    sip_server_address: text.optional(),
    inbound_room_name: text.optional(),
    inbound_pin: z
      .string()
      .regex(/^[0-9]{4,10}$/, 'Input should be 4 to 10 digits')
      .optional(),
    media_encryption: z.enum(mediaEncryptions).default('allow'),
  })
  .superRefine((value, issues) => {
    if (!value.supports_outbound) return;
    for (const name of outboundFields) {
      if (value[name] === undefined) {
        const message = 'Field required for outbound calls';
        issues.addIssue({ code: 'custom', path: [name], message, params: { type: 'missing' } });
      }
    }
  });

/** Asked first: which other fields there are depends on it. */
const named = z.looseObject({ provider: z.enum(phoneNumberProviders) });

const change = z.object({
  supports_inbound: z.boolean().optional(),
  supports_outbound: z.boolean().optional(),
  integration_id: integrationIdForm.optional(),
  assigned_agent_id: storableText(1, 100).nullable().optional(),
});

const listQuery = pageQuery.extend({
  status: z.enum(['free', 'assigned']).optional(),
  integration_id: integrationIdForm.optional(),
});

export function registerPhoneNumbers(app: FastifyInstance, context: ButterContext): void {
  const { services, authenticate } = context;

  resource(app, '/phone-numbers', {
    GET: {
      authorize: [authenticate('phone_numbers:read')],
      handler: async (request) => {
        const query = validate(listQuery, singleQueryOf(request), 'query');
        const filter = { status: query.status, integrationId: query.integration_id };
        const page = await services.phoneNumbers.page(
          callerOf(request),
          filter,
          toPageRequest(query, 'phon'),
        );
        return toList(page, query.limit, phoneNumberToWire);
      },
    },
    POST: {
      authorize: [authenticate('phone_numbers:create')],
      handler: async (request, reply) => {
        const draft = toDraft(readJson(request));
        return await answerWrite(context, request, reply, async ({ phoneNumbers }) => {
          const number = await phoneNumbers.import(callerOf(request), draft);
          const message = `Phone number imported successfully with ${number.provider}`;
          return { status: 201, body: { success: true, message, data: phoneNumberToWire(number) } };
        });
      },
    },
  });

  resource(app, '/phone-numbers/:id', {
    GET: {
      authorize: [authenticate('phone_numbers:read')],
      handler: async (request) => {
        const number = await services.phoneNumbers.get(callerOf(request), phoneNumberIdOf(request));
        return { success: true, data: phoneNumberToWire(number) };
      },
    },
    PUT: {
      authorize: [authenticate('phone_numbers:update')],
      handler: async (request, reply) => {
        const id = phoneNumberIdOf(request);
        const input = validate(change, readJson(request));
        const revision = {
          supportsInbound: input.supports_inbound,
          supportsOutbound: input.supports_outbound,
          integrationId: input.integration_id,
          assignedAgentId: input.assigned_agent_id,
        };
        return await answerWrite(context, request, reply, async ({ phoneNumbers }) => {
          const number = await phoneNumbers.update(callerOf(request), id, revision);
          const message = 'Phone number updated successfully';
          return { body: { success: true, message, data: phoneNumberToWire(number) } };
        });
      },
    },
    DELETE: {
      authorize: [authenticate('phone_numbers:delete')],
      handler: async (request, reply) => {
        const id = phoneNumberIdOf(request);
        return await answerWrite(context, request, reply, async ({ phoneNumbers }) => {
          const number = await phoneNumbers.delete(callerOf(request), id);
          const message = 'Phone number deleted successfully';
          return { body: { success: true, message, data: phoneNumberToWire(number) } };
        });
      },
    },
  });
}

function toDraft(body: unknown): PhoneNumberDraft {
  const { provider } = validate(named, body);
  const input = provider === 'twilio' ? validate(twilioNumber, body) : validate(sipNumber, body);
  const number = {
    phoneNumber: input.phone_number,
    supportsInbound: input.supports_inbound,
    supportsOutbound: input.supports_outbound,
  };
  if (input.provider === 'twilio') {
    return { ...number, connection: { provider: 'twilio', integrationId: input.integration_id } };
  }
  const { sip_trunk_name, sip_username, sip_server_address, inbound_room_name, media_encryption } = input;
  const { sip_password, inbound_pin } = input;
  const settings = {
    sip_trunk_name,
    sip_username,
    sip_server_address,
    inbound_room_name,
    media_encryption,
    outbound_ready: outboundFields.every((name) => input[name] !== undefined),
  };
  const secrets = new Secret(JSON.stringify({ sip_password, inbound_pin }));
  return { ...number, connection: { provider: 'sip', settings, secrets } };
}
