/** /v3/api_keys and /v3/scopes (contract: sendgrid, section 4). */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { ApiKey } from '../../core/api-key.ts';
import { listScopes, mostScopes, scopeForm } from '../../core/scopes.ts';
import type { ApiKeyService } from '../../services/api-keys.ts';
import { readJson } from '../body.ts';
import { idOf, resource } from '../resource.ts';
import { type Authenticate, callerOf } from './authenticate.ts';
import { text, validate } from './validation.ts';

const name = text('name', 1, 100);
const scopes = z
  .array(z.string('scopes must be strings').regex(scopeForm, 'scopes must be made of a-z, 0-9, _, . and -'), {
    error: 'scopes must be an array',
  })
  .max(mostScopes, `scopes must be at most ${mostScopes}`)
  .optional();
const wish = z.object({ name, scopes });
const renaming = z.object({ name });

export function registerApiKeys(app: FastifyInstance, authenticate: Authenticate, keys: ApiKeyService): void {
  resource(app, '/scopes', {
    GET: {
      authorize: [authenticate()],
      handler: async (request) => ({ scopes: listScopes(callerOf(request).grant) }),
    },
  });

  resource(app, '/api_keys', {
    GET: {
      authorize: [authenticate('api_keys.read')],
      handler: async (request) => ({
        result: (await keys.list(callerOf(request))).map((key) => ({ name: key.name, api_key_id: key.id })),
      }),
    },
    POST: {
      authorize: [authenticate('api_keys.create')],
      handler: async (request, reply) => {
        const { key, token } = await keys.create(callerOf(request), validate(wish, readJson(request)));
        const { id, grant } = key;
        return await reply.code(201).send({
          api_key: token.reveal(),
          api_key_id: id,
          name: key.name,
          scopes: listScopes(grant),
        });
      },
    },
  });

  resource(app, '/api_keys/:id', {
    GET: {
      authorize: [authenticate('api_keys.read')],
      handler: async (request) => toWire(await keys.get(callerOf(request), idOf(request.params))),
    },
    PATCH: {
      authorize: [authenticate('api_keys.update')],
      handler: async (request) => {
        const { name: newName } = validate(renaming, readJson(request));
        const key = await keys.rename(callerOf(request), idOf(request.params), newName);
        return { api_key_id: key.id, name: key.name };
      },
    },
    PUT: {
      authorize: [authenticate('api_keys.update')],
      handler: async (request) => {
        const replacement = validate(wish, readJson(request));
        return toWire(await keys.replace(callerOf(request), idOf(request.params), replacement));
      },
    },
    DELETE: {
      authorize: [authenticate('api_keys.delete')],
      handler: async (request, reply) => {
        await keys.delete(callerOf(request), idOf(request.params));
        return await reply.code(204).send();
      },
    },
  });
}

function toWire({ id, name: keyName, grant }: ApiKey) {
  return { api_key_id: id, name: keyName, scopes: listScopes(grant) };
}
