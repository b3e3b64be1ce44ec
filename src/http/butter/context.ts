/** What the routes of this surface share: who calls, which services, and how a write is answered once. */
import type { FastifyReply, FastifyRequest, preHandlerHookHandler } from 'fastify';
import { z } from 'zod';
import type { Permission } from '../../core/roles.ts';
import type { Catalog } from '../../providers/catalog.ts';
import type { AuditLogService } from '../../services/audit-log.ts';
import type { Changes } from '../../services/changes.ts';
import type { IdempotencyService, StoredAnswer } from '../../services/idempotency.ts';
import type { BoundServices } from '../../services/services.ts';
import { callerOf } from './authenticate.ts';
import { validate } from './validation.ts';
import type { ToWire } from './wire.ts';

export interface ButterContext {
  readonly services: BoundServices;
  readonly idempotency: IdempotencyService;
  readonly auditLog: AuditLogService;
  readonly catalog: Catalog;
  readonly changes: Changes;
  /** Under which address others find this server, where that was set. */
  readonly publicUrl: URL | undefined;
  readonly integrationToWire: ToWire;
  /** A hook that finds the caller and asks for the permission; none: any role. */
  readonly authenticate: (permission?: Permission) => preHandlerHookHandler;
  /** As authenticate without a permission, and tokens of the identity provider are welcome too. */
  readonly authenticateWithToken: preHandlerHookHandler;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

const idempotencyKey = z
  .string()
  .regex(/^[!-~]{1,255}$/, 'Input should be 1 to 255 visible ASCII characters');

/** Answers a write, under the caller's idempotency key where there is one. */
export async function answerWrite(
  { services, idempotency }: ButterContext,
  request: FastifyRequest,
  reply: FastifyReply,
  write: (services: BoundServices) => Promise<Answer>,
): Promise<FastifyReply> {
  const header = request.headers['idempotency-key'];
  if (header === undefined) return send(reply, complete(await write(services)));
  const key = validate(idempotencyKey, header, 'header', ['idempotency-key']);
  // with and without a slash at its end it is one path, as it is to the router
  const path = (request.url.split('?', 1)[0] ?? '').replace(/\/$/, '');
  const repeatable = { method: request.method, path, key, content: contentOf(request) };
  const { answer, repeated } = await idempotency.once(callerOf(request), repeatable, async (bound) =>
    complete(await write(bound)),
  );
  if (repeated) reply.header('idempotency-replayed', 'true');
  return send(reply, answer);
}

function complete({ status = 200, headers = {}, body }: Answer): StoredAnswer {
  return { status, headers: { ...headers }, body };
}

function send(reply: FastifyReply, { status, headers, body }: StoredAnswer): FastifyReply {
  return reply.code(status).headers(headers).send(body);
}

/** All that tells one request from another under the same key; the parts are kept apart by their lengths. */
function contentOf(request: FastifyRequest): Uint8Array {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  return Buffer.concat([
    Buffer.from(JSON.stringify([request.url, request.headers['if-match'] ?? null])),
    body,
  ]);
}
