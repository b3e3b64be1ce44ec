/** /v3/subusers (contract: sendgrid, section 4). */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { SubuserService } from '../../services/subusers.ts';
import { readJson } from '../body.ts';
import { queryOf } from '../query.ts';
import { resource } from '../resource.ts';
import { type Authenticate, callerOf } from './authenticate.ts';
import { text, validate } from './validation.ts';

/** A username travels in a header (`on-behalf-of`), so it is visible ASCII, and cannot pass for `account-id 1`. */
const usernameForm = /^[!-~]+$/;

const creation = z.object({
  username: text('username', 1, 100).regex(usernameForm, 'username must be made of visible ASCII characters'),
  email: z.email('email must be an email address').max(254, 'email must be at most 254 characters'),
  // checked for presence and never kept: nobody signs in to Jackfield with it
  password: z.string('password must be a string').min(1, 'password must not be empty'),
  ips: z.array(z.union([z.ipv4(), z.ipv6()], 'ips must be IP addresses'), 'ips must be an array'),
  region: z.enum(['global', 'eu'], 'region must be global or eu').optional(),
  include_region: z.boolean('include_region must be true or false').optional(),
});

const wholeNumber = (name: string, least: number, most: number) => {
  const message = `${name} must be a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, message)
    .transform(Number)
    .refine((n) => n >= least && n <= most, message);
};

const listing = z.object({
  username: text('username', 0, 100).optional(),
  limit: wholeNumber('limit', 1, 500).default(100),
  offset: wholeNumber('offset', 0, 999_999_999).default(0),
});

export function registerSubusers(
  app: FastifyInstance,
  authenticate: Authenticate,
  subusers: SubuserService,
): void {
  resource(app, '/subusers', {
    GET: {
      authorize: [authenticate('subusers.read')],
      handler: async (request) => {
        const { username, limit, offset } = validate(listing, Object.fromEntries(queryOf(request)));
        const found = await subusers.list(callerOf(request), { username, limit, offset });
        return found.map((each) => ({
          id: each.userId,
          username: each.username,
          email: each.email,
          disabled: false,
        }));
      },
    },
    POST: {
      authorize: [authenticate('subusers.create')],
      handler: async (request, reply) => {
        const { username, email, region, include_region } = validate(creation, readJson(request));
        const created = await subusers.create(callerOf(request), { username, email, region });
        return await reply.code(201).send({
          username: created.username,
          user_id: created.userId,
          email: created.email,
          credit_allocation: { type: 'unlimited' },
          ...(include_region === true && { region: created.region }),
        });
      },
    },
  });
}
