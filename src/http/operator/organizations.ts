/** /operator/organizations: list, create, change, and a new first key. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import { keyStyles, type OrganizationRecord, regions, tiers } from '../../core/organization.ts';
import type { TenantService } from '../../services/tenants.ts';
import { readJson } from '../body.ts';
import { singleQueryOf, wholeNumber } from '../query.ts';
import { idOf, resource } from '../resource.ts';
import type { Authenticate } from './authenticate.ts';

const mostInPage = 100;

const oneOf = (values: readonly string[]) => `Should be one of ${values.join(', ')}`;
const limits = z.object({
  tier: z.enum(tiers, oneOf(tiers)).optional(),
  segment_integration_limit: z.int().min(0).max(1_000_000).optional(),
  region: z.enum(regions, oneOf(regions)).optional(),
});
const keyWish = z.object({ style: z.enum(keyStyles, oneOf(keyStyles)).default('role') });
const listQuery = z.object({
  limit: wholeNumber(9).pipe(z.number().min(1).max(mostInPage)).default(50),
  cursor: z.string().optional(),
});
const position = z.tuple([z.literal('organization'), z.int().positive()]);

export function registerOrganizations(
  app: FastifyInstance,
  tenants: TenantService,
  authenticate: Authenticate,
): void {
  const authorize = [authenticate];

  resource(app, '/organizations', {
    GET: {
      authorize,
      handler: async (request) => {
        const { limit, cursor } = validate(listQuery, singleQueryOf(request), 'query');
        const before = cursor === undefined ? undefined : decodeCursor(cursor);
        const { items, next, total } = await tenants.page(before, limit);
        const pagination = {
          next_cursor: next === undefined ? null : encodeCursor(next),
          has_more: next !== undefined,
          page_size: limit,
          total_count: total,
        };
        return { success: true, data: items.map(toWire), pagination };
      },
    },
    POST: {
      authorize,
      handler: async (request, reply) => {
        const wish = toLimits(validate(limits, readJson(request)));
        const created = await tenants.create(wish, request.id);
        const data = {
          organization: toWire(created.organization),
          api_key: created.roleKey.reveal(),
          sendgrid_api_key: created.sendGridKey.reveal(),
          event_source_id: created.eventSourceId,
        };
        return await reply
          .code(201)
          .send({ success: true, message: 'Organization created successfully', data });
      },
    },
  });

  resource(app, '/organizations/:id', {
    GET: {
      authorize,
      handler: async (request) => ({ success: true, data: toWire(await tenants.get(idOf(request.params))) }),
    },
    PUT: {
      authorize,
      handler: async (request) => {
        const change = toLimits(validate(limits, readJson(request)));
        const updated = await tenants.update(idOf(request.params), change, request.id);
        return { success: true, message: 'Organization updated successfully', data: toWire(updated) };
      },
    },
  });

  resource(app, '/organizations/:id/keys', {
    POST: {
      authorize,
      handler: async (request, reply) => {
        const { style } = validate(keyWish, readJson(request));
        const key = await tenants.createKey(idOf(request.params), style, request.id);
        const data = { key_id: key.id, style, raw_key: key.token.reveal() };
        return await reply.code(201).send({ success: true, message: 'API key created successfully', data });
      },
    },
  });
}

function toLimits({ tier, segment_integration_limit, region }: z.output<typeof limits>) {
  return {
    ...(tier !== undefined && { tier }),
    ...(segment_integration_limit !== undefined && { segmentIntegrationLimit: segment_integration_limit }),
    ...(region !== undefined && { region }),
  };
}

function toWire(organization: OrganizationRecord) {
  return {
    organization_id: organization.id,
    user_id: organization.userId,
    username: organization.username,
    parent_organization_id: organization.parentId,
    region: organization.region,
    tier: organization.tier,
    segment_integration_limit: organization.segmentIntegrationLimit,
    integrations: organization.integrations,
    api_keys: organization.apiKeys,
    created_at: `${organization.createdAt.toISOString().slice(0, 19)}Z`,
  };
}

function validate<T extends z.ZodType>(
  schema: T,
  input: unknown,
  location: 'body' | 'query' = 'body',
): z.output<T> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => ({
    path: path.map((part) => (typeof part === 'number' ? part : String(part))),
    message,
    location,
  }));
  throw new AppError({ code: 'invalid_request', issues });
}

function encodeCursor(userId: number): string {
  return Buffer.from(JSON.stringify(['organization', userId])).toString('base64url');
}

function decodeCursor(cursor: string): number {
  try {
    return position.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()))[1];
  } catch (error) {
    throw new AppError({ code: 'invalid_cursor' }, { cause: error });
  }
}
