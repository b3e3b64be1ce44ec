/** One path with its methods. Every other method is answered 405 in the surface's own form. */
import type { FastifyInstance, preHandlerHookHandler, RouteHandlerMethod } from 'fastify';
import { z } from 'zod';
import { AppError } from '../core/errors.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Operation {
  /**
   * Authentication and permission. Runs once the body has arrived: a body may take its time, and a key that is revoked
   * meanwhile must not let it in.
   */
  readonly authorize: preHandlerHookHandler[];
  readonly handler: RouteHandlerMethod;
}

export function resource(
  app: FastifyInstance,
  url: string,
  operations: Partial<Readonly<Record<Method, Operation>>>,
): void {
  // OPTIONS is left to the surface: browsers ask it before they ask anything else
  const supported = Object.keys(operations);
  const others = app.supportedMethods.filter((method) => method !== 'OPTIONS');
  // Fastify answers HEAD wherever there is a GET
  if (operations.GET !== undefined) supported.push('HEAD');
  for (const [method, { authorize, handler }] of Object.entries(operations)) {
    app.route({ method, url, preHandler: authorize, handler });
  }
  app.route({
    method: others.filter((method) => !supported.includes(method)),
    url,
    onRequest: async (_request, reply) => {
      reply.header('allow', supported.toSorted().join(', '));
      throw new AppError({ code: 'method_not_allowed' });
    },
    handler: async () => undefined,
  });
}

const idParameter = z.object({ id: z.string() });

/** The path parameter `:id`; the router has matched it, so it is there. */
export function idOf(params: unknown): string {
  return idParameter.parse(params).id;
}
