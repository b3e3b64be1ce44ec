/** /api/providers: what can be connected, with the JSON Schema of each one's credentials. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { resource } from '../resource.ts';
import type { ButterContext } from './context.ts';

export function registerProviders(app: FastifyInstance, { catalog, authenticate }: ButterContext): void {
  const data = catalog.providers.map((provider) => ({
    provider: provider.name,
    title: provider.title,
    category: provider.category,
    accepts_email_events: provider.takesEmailEvents,
    referred_to_by: provider.referredToBy.map((name) => `${name}_phone_numbers`),
    verifies_credentials: provider.verify !== undefined,
    credentials_schema: z.toJSONSchema(provider.credentials, { io: 'input' }),
  }));
  resource(app, '/providers', {
    GET: { authorize: [authenticate()], handler: async () => ({ success: true, data }) },
  });
}
