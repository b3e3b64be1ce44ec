/**
 * Lets only so many writes of one organization in at once; further ones wait here, holding nothing. Writes that wait
 * for each other inside the database each hold one of its connections, and one organization could take them all.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';

interface Gate {
  inside: number;
  readonly waiting: (() => void)[];
}

export class Turnstile {
  readonly #atOnce: number;
  readonly #gates = new Map<string, Gate>();

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /** @returns when the request may go on, and whether it had to wait. Its place is free again when its answer has left or its client has gone. */
  async enter(organizationId: string, reply: FastifyReply): Promise<boolean> {
    const gate = this.#gateOf(organizationId);
    const isFull = gate.inside >= this.#atOnce;
    if (isFull) {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate.waiting.push(resolve);
      await promise;
    } else gate.inside += 1;
    const leave = () => this.#leave(organizationId, gate);
    if (reply.raw.destroyed) leave();
    else reply.raw.once('close', leave);
    return isFull;
  }

  #gateOf(organizationId: string): Gate {
    const existing = this.#gates.get(organizationId);
    if (existing !== undefined) return existing;
    const gate = { inside: 0, waiting: [] };
    this.#gates.set(organizationId, gate);
    return gate;
  }

  /** The place goes to who waits longest, if anybody does. */
  #leave(organizationId: string, gate: Gate): void {
    const next = gate.waiting.shift();
    if (next !== undefined) {
      next();
      return;
    }
    gate.inside -= 1;
    if (gate.inside === 0) this.#gates.delete(organizationId);
  }
}

/** Whether a request may change something. */
export function isWrite({ method }: FastifyRequest): boolean {
  return method !== 'GET' && method !== 'HEAD';
}
