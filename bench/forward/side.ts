/** What is compared: each side takes posts at its targets and sends their events on to the one sink. */
import { newSigningKey } from '../../test/support/webhook.ts';
import type { Memory } from '../machine.ts';
import { type Child, startChild } from './child.ts';
import type { GeneratorOrders, SinkOrders, Target } from './orders.ts';

export interface Side extends AsyncDisposable {
  readonly name: string;
  readonly targets: readonly Target[];
  readonly pid: number;
  memory(): Promise<Memory>;
}

/** What all sides share. */
export interface Bench extends AsyncDisposable {
  readonly sink: Child<SinkOrders>;
  readonly sinkUrl: string;
  readonly generator: Child<GeneratorOrders>;
  readonly signingKey: { readonly publicKey: string; readonly privateKey: string };
}

export async function openBench(): Promise<Bench> {
  const { publicKey, privateKey } = newSigningKey();
  const sink = startChild<SinkOrders>('./sink.ts');
  const generator = startChild<GeneratorOrders>('./generator.ts');
  return {
    sink,
    sinkUrl: await sink.order('listen', undefined),
    generator,
    signingKey: { publicKey, privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) },
    [Symbol.asyncDispose]: async () => {
      await generator[Symbol.asyncDispose]();
      await sink[Symbol.asyncDispose]();
    },
  };
}
