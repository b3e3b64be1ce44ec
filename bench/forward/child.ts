/** Processes of the bench that take orders from the main one: one order, one answer, over the channel to the child. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Memory, readMemory } from '../machine.ts';

export interface Child<Orders extends OrderMap> extends AsyncDisposable {
  readonly pid: number;
  /** @throws where the child fails or ends instead of answering */
  order<Name extends keyof Orders & string>(
    name: Name,
    input: Orders[Name]['input'],
  ): Promise<Orders[Name]['output']>;
  memory(): Promise<Memory>;
}

/** What a child can be told, by name. */
export type OrderMap = Readonly<Record<string, { readonly input: unknown; readonly output: unknown }>>;

export type OrderHandlers<Orders extends OrderMap> = {
  readonly [Name in keyof Orders]: (
    input: Orders[Name]['input'],
  ) => Promise<Orders[Name]['output']> | Orders[Name]['output'];
};

type Reply =
  | { readonly id: number; readonly output: unknown }
  | { readonly id: number; readonly failure: string };

export function startChild<Orders extends OrderMap>(
  file: string,
  environment: Readonly<Record<string, string>> = {},
): Child<Orders> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), {
    env: { PATH: process.env['PATH'], ...environment },
    serialization: 'advanced',
  });
  const pid = child.pid ?? 0;
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let orders = 0;
  child.on('message', (reply: Reply) => {
    const order = waiting.get(reply.id);
    waiting.delete(reply.id);
    if ('failure' in reply) order?.reject(new Error(`${file}: ${reply.failure}`));
    else order?.resolve(reply.output);
  });
  child.once('exit', (code) => {
    for (const order of waiting.values()) order.reject(new Error(`${file} ended with ${code}`));
  });
  return {
    pid,
    order: async (name, input) => {
      const id = orders++;
      const order = Promise.withResolvers<unknown>();
      waiting.set(id, order);
      child.send({ id, name, input });
      return await order.promise;
    },
    memory: async () => await readMemory(pid),
    [Symbol.asyncDispose]: async () => await end(child),
  };
}

/** In the child: answers orders from now on. */
export function takeOrders<Orders extends OrderMap>(handlers: OrderHandlers<Orders>): void {
  process.on('message', (message: { id: number; name: keyof Orders & string; input: never }) => {
    const { id, name, input } = message;
    const answer = async () => await handlers[name](input);
    answer().then(
      (output) => process.send?.({ id, output }),
      (error: unknown) =>
        process.send?.({ id, failure: error instanceof Error ? error.stack : String(error) }),
    );
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
