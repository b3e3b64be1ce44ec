/** /api/api-keys: create, list, revoke (contract: butter, section 5). A token is as good as a key here. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { invalid } from '../../core/errors.ts';
import { roles } from '../../core/roles.ts';
import { storableText } from '../../core/text.ts';
import { requireKeyManagement, requireOwnRole } from '../../services/role-keys.ts';
import { readJson } from '../body.ts';
import { resource } from '../resource.ts';
import { callerOf } from './authenticate.ts';
import { answerWrite, type ButterContext } from './context.ts';
import { lastMoment } from './paging.ts';
import { keyIdOf } from './parameters.ts';
import { validate } from './validation.ts';
import { apiKeyToWire } from './wire.ts';

const creation = z.object({
  name: storableText(1, 100),
  role: z.enum(roles),
  expires_at: z.iso
    .datetime({ offset: true })
    .transform((text) => new Date(text))
    .refine((date) => date.getTime() <= lastMoment, 'Date should be before the year 10000')
    .nullable()
    .optional(),
});

export function registerApiKeys(app: FastifyInstance, context: ButterContext): void {
  const { services, authenticateWithToken } = context;

  resource(app, '/api-keys', {
    GET: {
      authorize: [authenticateWithToken],
      handler: async (request) => {
        const keys = await services.roleKeys.list(callerOf(request));
        return { success: true, data: keys.map(apiKeyToWire) };
      },
    },
    POST: {
      authorize: [authenticateWithToken],
      handler: async (request, reply) => {
        const caller = callerOf(request);
        requireKeyManagement(caller, 'create');
        const { name, role, expires_at: expiresAt = null } = validate(creation, readJson(request));
        // here as well as inside the write: a repeated request is authorized anew before its answer is given again
        requireOwnRole(caller, role);
        return await answerWrite(context, request, reply, async ({ roleKeys }) => {
          // not before: a repeated request gets its answer even when that time has come
          if (expiresAt !== null && expiresAt.getTime() <= Date.now())
            throw invalid(['expires_at'], 'Date should be in the future');
          const { key, token } = await roleKeys.create(caller, { name, role, expiresAt });
          return { status: 201, body: { raw_key: token.reveal(), key: apiKeyToWire(key) } };
        });
      },
    },
  });

  resource(app, '/api-keys/:id', {
    DELETE: {
      authorize: [authenticateWithToken],
      handler: async (request, reply) => {
        const caller = callerOf(request);
        requireKeyManagement(caller, 'revoke');
        const id = keyIdOf(request);
        await services.roleKeys.requireRevocable(caller, id);
        return await answerWrite(context, request, reply, async ({ roleKeys }) => {
          await roleKeys.revoke(caller, id);
          return { body: { success: true, message: 'API key revoked successfully' } };
        });
      },
    },
  });
}
