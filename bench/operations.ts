/** The operations of the SendGrid surface under measure. Each begins a run by answering what a caller's next call is. */
import { segmentBody } from '../test/support/tenants.ts';
import type { Request } from './client.ts';
import type { Work } from './measure.ts';
import { callers, idsPerBulkDelete } from './plan.ts';
import { take } from './stock.ts';
import type { Subject } from './subject.ts';

export interface Operation {
  readonly name: string;
  /** Called at the start of every run. */
  begin(): Work;
}

const path = '/v3/marketing/integrations';

export function operationsOf(subject: Subject) {
  const { client, readers, deleters, fresh } = subject;
  let count = 0;
  const send = (next: (caller: number) => Request | undefined): Work => {
    return (caller) => {
      const request = next(caller);
      return request && client.send(request);
    };
  };
  const reading = (caller: number) => {
    const { key, ids } = of(readers, caller);
    return { key, path: `${path}/${of(ids, ++count % ids.length)}` };
  };

  return {
    list: {
      name: 'list (10 integrations)',
      begin: () => send((caller) => ({ method: 'GET', path, key: of(readers, caller).key, status: 200 })),
    },
    get: {
      name: 'get',
      begin: () => send((caller) => ({ method: 'GET', ...reading(caller), status: 200 })),
    },
    createInOne: {
      name: 'create, all in one organization',
      begin: () => {
        const { key } = of(fresh.splice(-1), 0);
        return send(() => creation(key));
      },
    },
    createInMany: {
      name: `create, in ${callers} organizations`,
      begin: () => {
        const tenants = fresh.splice(-callers);
        return send((caller) => creation(of(tenants, caller).key));
      },
    },
    patch: {
      name: 'patch (a new label)',
      begin: () =>
        send((caller) => {
          const target = reading(caller);
          return { method: 'PATCH', ...target, json: { label: `label ${count}` }, status: 200 };
        }),
    },
    deleteOne: {
      name: 'delete one',
      begin: () => {
        const stocks = deleters.map(({ one }) => one.nextRun());
        return send((caller) => deletion(of(deleters, caller).key, take(of(stocks, caller), 1)));
      },
    },
    deleteTen: {
      name: 'delete ten',
      begin: () => {
        const stocks = deleters.map(({ ten }) => ten.nextRun());
        return send((caller) =>
          deletion(of(deleters, caller).key, take(of(stocks, caller), idsPerBulkDelete)),
        );
      },
    },
  } satisfies Record<string, Operation>;
}

function creation(key: string): Request {
  return { method: 'POST', path, key, json: segmentBody(), status: 201 };
}

function deletion(key: string, ids: readonly string[] | undefined): Request | undefined {
  return ids && { method: 'DELETE', path: `${path}?ids=${ids.join(',')}`, key, status: 204 };
}

export function of<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new Error('the bench was seeded for fewer callers or runs');
  return item;
}
