/** The operations of the Butter surface under measure, all in one organization. */
import { type ButterSubject, butterBody } from './butter-subject.ts';
import type { Request } from './client.ts';
import type { Work } from './measure.ts';
import type { Operation } from './operations.ts';
import { idsPerBulkDelete } from './plan.ts';
import { type Stock, take } from './stock.ts';

const path = '/api/integrations';

export function butterOperationsOf({
  client,
  headers,
  readable,
  used,
  crowded,
  deletable,
}: ButterSubject): Operation[] {
  let count = 0;
  const sending = (next: () => Request | undefined) => (): Work => () => {
    const request = next();
    return request && client.send({ ...request, headers });
  };
  const deleting = (stock: Stock, next: (ids: string[]) => Request | undefined) => (): Work => {
    const ids = stock.nextRun();
    return sending(() => next(ids))();
  };
  return [
    {
      name: 'read',
      begin: sending(() => {
        const id = readable[++count % readable.length];
        return { method: 'GET', path: `${path}/${id}`, status: 200 };
      }),
    },
    {
      name: 'create, credentials sealed',
      begin: sending(() => ({ method: 'POST', path, json: butterBody, status: 201 })),
    },
    {
      name: 'guarded delete',
      begin: deleting(deletable.one, (ids) => {
        const [id] = take(ids, 1) ?? [];
        return id === undefined ? undefined : remove(id, 200);
      }),
    },
    { name: 'delete refused, 1 number refers', begin: sending(() => remove(used, 409)) },
    { name: 'delete refused, 10,000 numbers refer', begin: sending(() => remove(crowded, 409)) },
    {
      name: 'bulk delete of 10',
      begin: deleting(deletable.ten, (ids) => bulk(take(ids, idsPerBulkDelete))),
    },
    { name: 'bulk delete of 1,000', begin: deleting(deletable.thousand, (ids) => bulk(take(ids, 1_000))) },
  ];
}

function remove(id: string, status: number): Request {
  return { method: 'DELETE', path: `${path}/${id}`, status };
}

function bulk(ids: readonly string[] | undefined): Request | undefined {
  return ids && { method: 'POST', path: `${path}/bulk-delete`, json: { integration_ids: ids }, status: 200 };
}
