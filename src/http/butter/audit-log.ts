/** /api/audit-log: who did what to what, when, by which request. For admins; also as JSON lines, or CSV. */
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type AuditRecord, auditTargetTypes } from '../../core/audit.ts';
import { storableText } from '../../core/text.ts';
import { csvRow } from '../csv.ts';
import { singleQueryOf } from '../query.ts';
import { resource } from '../resource.ts';
import { callerOf } from './authenticate.ts';
import type { ButterContext } from './context.ts';
import { decodeCursor, encodeCursor, pageQuery, pagination } from './paging.ts';
import { time, validate } from './validation.ts';
import { timestamp } from './wire.ts';

const filterQuery = z.object({
  target_id: storableText(1, 200).optional(),
  target_type: z.enum(auditTargetTypes).optional(),
  action: storableText(1, 100).optional(),
  actor: storableText(1, 200).optional(),
  from: time.optional(),
  to: time.optional(),
});
const listQuery = pageQuery.extend(filterQuery.shape);
const exportQuery = filterQuery.extend({ format: z.enum(['jsonl', 'csv']).default('jsonl') });
const position = z.tuple([z.literal('audit'), z.int().positive()]);

export function registerAuditLog(app: FastifyInstance, { auditLog, authenticate }: ButterContext): void {
  resource(app, '/audit-log', {
    GET: {
      authorize: [authenticate('audit_log:read')],
      handler: async (request) => {
        const query = validate(listQuery, singleQueryOf(request), 'query');
        const before = query.cursor === undefined ? undefined : decodeCursor(query.cursor, position)[1];
        const options = { limit: query.limit, before };
        const page = await auditLog.page(callerOf(request), toFilter(query), options);
        const next = page.next === undefined ? undefined : encodeCursor(['audit', page.next]);
        return {
          success: true,
          data: page.items.map(toWire),
          pagination: pagination(next, query.limit, page.total),
        };
      },
    },
  });

  resource(app, '/audit-log/export', {
    GET: {
      authorize: [authenticate('audit_log:read')],
      handler: async (request, reply) => {
        const query = validate(exportQuery, singleQueryOf(request), 'query');
        const records = auditLog.export(callerOf(request), toFilter(query));
        if (query.format === 'csv')
          return await reply
            .type('text/csv; charset=utf-8; header=present')
            .send(Readable.from(toRows(records)));
        return await reply.type('application/x-ndjson').send(Readable.from(toLines(records)));
      },
    },
  });
}

function toFilter(query: z.output<typeof filterQuery>) {
  const { target_type: targetType, action, actor: actorId, from, to } = query;
  return { targetId: query.target_id, targetType, action, actorId, from, to };
}

async function* toLines(records: AsyncIterable<AuditRecord>): AsyncGenerator<string> {
  for await (const record of records) yield `${JSON.stringify(toWire(record))}\n`;
}

const header = [
  'entry_id',
  'at',
  'actor_type',
  'actor_id',
  'actor_client_id',
  'request_id',
  'action',
  'target_type',
  'target_id',
  'details',
];

async function* toRows(records: AsyncIterable<AuditRecord>): AsyncGenerator<string> {
  yield csvRow(header);
  for await (const record of records) {
    const { entry_id, at, actor, request_id, action, target, details } = toWire(record);
    const ids = [actor.type, actor.id, actor.client_id, request_id, action, target.type, target.id];
    yield csvRow([entry_id, at, ...ids, JSON.stringify(details)]);
  }
}

function toWire({ id, at, actor, requestId, action, target, details }: AuditRecord) {
  return {
    entry_id: id,
    at: timestamp(at),
    actor: { type: actor.type, id: actor.id, client_id: actor.organizationId },
    request_id: requestId,
    action,
    target: { type: target.type, id: target.id },
    details,
  };
}
