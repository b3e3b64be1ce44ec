/** /api/sendgrid-keys: keys of the other surface, for those who manage keys on this one (contract: butter, section 7). */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { mostScopes, scopeForm } from '../../core/scopes.ts';
import { storableText } from '../../core/text.ts';
import { keyManager, requireWithin } from '../../services/api-keys.ts';
import { readJson } from '../body.ts';
import { resource } from '../resource.ts';
import { callerOf } from './authenticate.ts';
import { answerWrite, type ButterContext } from './context.ts';
import { sendGridKeyIdOf } from './parameters.ts';
import { validate } from './validation.ts';
import { sendGridKeyToWire } from './wire.ts';

const scope = z
  .string()
  .regex(scopeForm, 'Input should be 1 to 100 of the characters a to z, 0 to 9, _, . and -');

const creation = z.object({
  name: storableText(1, 100),
  scopes: z.array(scope).max(mostScopes).optional(),
});

export function registerSendGridKeys(app: FastifyInstance, context: ButterContext): void {
  const { services, authenticateWithToken } = context;

  resource(app, '/sendgrid-keys', {
    GET: {
      authorize: [authenticateWithToken],
      handler: async (request) => {
        const keys = await services.apiKeys.list(keyManager(callerOf(request), 'list'));
        // newest first, as all lists of this surface
        return { success: true, data: keys.toReversed().map(sendGridKeyToWire) };
      },
    },
    POST: {
      authorize: [authenticateWithToken],
      handler: async (request, reply) => {
        const manager = keyManager(callerOf(request), 'create');
        const wish = validate(creation, readJson(request));
        if (wish.scopes !== undefined) requireWithin(manager, { kind: 'scopes', scopes: wish.scopes });
        return await answerWrite(context, request, reply, async ({ apiKeys }) => {
          const { key, token } = await apiKeys.create(manager, wish);
          return { status: 201, body: { raw_key: token.reveal(), key: sendGridKeyToWire(key) } };
        });
      },
    },
  });

  resource(app, '/sendgrid-keys/:id', {
    DELETE: {
      authorize: [authenticateWithToken],
      handler: async (request, reply) => {
        const manager = keyManager(callerOf(request), 'revoke');
        const id = sendGridKeyIdOf(request);
        return await answerWrite(context, request, reply, async ({ apiKeys }) => {
          requireWithin(manager, (await apiKeys.get(manager, id)).grant);
          await apiKeys.delete(manager, id);
          return { body: { success: true, message: 'API key revoked successfully' } };
        });
      },
    },
  });
}
