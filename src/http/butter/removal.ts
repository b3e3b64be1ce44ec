/** Deleting integrations, one or many; a dry run is answered alike but for its message (contract: butter, sections 3 and 6). */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import type { RemovalRequest } from '../../services/removal.ts';
import { readJson } from '../body.ts';
import { misspeltDryRun, singleQueryOf } from '../query.ts';
import { resource } from '../resource.ts';
import { callerOf } from './authenticate.ts';
import { type Answer, answerWrite, type ButterContext } from './context.ts';
import { renderBulkFailure } from './errors.ts';
import { integrationIdForm, integrationIdOf, versionsOf } from './parameters.ts';
import { validate } from './validation.ts';

const mostIds = 1_000;

const deleteQuery = z.object({
  // nothing but true and false: a misspelt dry run must never delete
  dry_run: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .default(false),
  replace_with: integrationIdForm.optional(),
});

const bulkBody = z.object({
  integration_ids: z.array(integrationIdForm).min(1).max(mostIds),
  dry_run: z.boolean().default(false),
  replace_with: integrationIdForm.optional(),
});

/** `DELETE /api/integrations/{id}` */
export async function removeOne(
  context: ButterContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const id = integrationIdOf(request);
  const parameters = singleQueryOf(request);
  requireDryRunSpelt(parameters, 'query');
  const query = validate(deleteQuery, parameters, 'query');
  const removal = toRemoval(context, [id], query, versionsOf(request));
  return await answer(context, { request, reply, removal }, ({ removed, moved }) => ({
    success: true,
    message: query.dry_run ? rehearsed(1) : 'Integration deleted successfully',
    data: removed.map(context.integrationToWire)[0],
    ...(query.replace_with !== undefined && { moved_phone_numbers: moved }),
  }));
}

export function registerBulkDelete(app: FastifyInstance, context: ButterContext): void {
  resource(app, '/integrations/bulk-delete', {
    POST: {
      authorize: [context.authenticate('integrations:delete')],
      handler: async (request, reply) => {
        const json = readJson(request);
        const body = validate(bulkBody, json);
        // what works on a single delete, and would be ignored here, must not be taken for granted
        requireAbsent(singleQueryOf(request), ['dry_run', 'replace_with'], 'query');
        requireAbsent(request.headers, ['if-match'], 'header');
        requireDryRunSpelt(singleQueryOf(request), 'query');
        requireDryRunSpelt(Object(json), 'body');
        const removal = toRemoval(context, body.integration_ids, body, undefined);
        try {
          return await answer(context, { request, reply, removal }, ({ removed, moved }) => ({
            success: true,
            message: body.dry_run
              ? rehearsed(removed.length)
              : `${counted(removed.length)} deleted successfully`,
            data: removed.map(context.integrationToWire),
            ...(body.replace_with !== undefined && { moved_phone_numbers: moved }),
          }));
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          const { status, body: problem } = renderBulkFailure(error.failure);
          return await reply.code(status).send(problem);
        }
      },
    },
  });
}

const counted = (integrations: number) => `${integrations} integration${integrations === 1 ? '' : 's'}`;
const rehearsed = (integrations: number) => `Dry run: nothing was deleted; ${counted(integrations)} would be`;

function toRemoval(
  { catalog }: ButterContext,
  ids: readonly string[],
  { dry_run: dryRun, replace_with: replaceWith }: z.output<typeof deleteQuery>,
  ifVersion: readonly number[] | undefined,
): RemovalRequest {
  return { ids, providers: catalog.inCategory(undefined), dryRun, replaceWith, ifVersion };
}

interface Asked {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly removal: RemovalRequest;
}

/** A rehearsal is no write: it leaves no trace under an idempotency key either. A header tells the two apart. */
async function answer(
  context: ButterContext,
  { request, reply, removal }: Asked,
  toBody: (result: Awaited<ReturnType<ButterContext['services']['removal']['remove']>>) => Answer['body'],
): Promise<FastifyReply> {
  const caller = callerOf(request);
  if (removal.dryRun) {
    reply.header('x-dry-run', 'true');
    return await reply.send(toBody(await context.services.removal.remove(caller, removal)));
  }
  return await answerWrite(context, request, reply, async (services) => ({
    body: toBody(await services.removal.remove(caller, removal)),
  }));
}

type Location = 'query' | 'body' | 'header';

function requireDryRunSpelt(given: Readonly<Record<string, unknown>>, location: Location): void {
  const misspelt = misspeltDryRun(Object.keys(given));
  if (misspelt !== undefined) throw refuse(location, misspelt, 'The parameter is called dry_run');
}

function requireAbsent(given: object, names: readonly string[], location: Location): void {
  const name = names.find((each) => each in given);
  if (name !== undefined)
    throw refuse(
      location,
      name,
      location === 'header' ? 'Does not apply to a bulk delete' : 'Belongs into the body',
    );
}

function refuse(location: Location, name: string, message: string): AppError {
  return new AppError({ code: 'invalid_request', issues: [{ location, path: [name], message }] });
}
