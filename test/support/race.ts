/**
 * A record of overlapping requests on one tenant's integrations, and what must be true of it: every answer is checked
 * against what was certain before its request was sent, and the whole against itself when all is quiet.
 */
import { expect } from 'vitest';
import { z } from 'zod';
import { call } from './http.ts';
import type { Random } from './random.ts';
import { segmentBody } from './tenants.ts';

const path = '/v3/marketing/integrations';
const made = z.object({ integration_id: z.string() });
const list = z.object({ result: z.array(made) });
const errors = z.object({ errors: z.array(z.object({ message: z.string() })) });

/** Requests aim at the newest ids, living and dead, so that they meet. */
const contested = 14;

interface Server {
  readonly url: string;
}

export class Race {
  readonly #key: string;
  readonly #limit: number;
  /** Answered 201, in order. */
  readonly #created: string[] = [];
  /** Named in an answered 204. */
  readonly #deleted = new Set<string>();
  /** Answered as not existing; each must turn out to have been deleted. */
  readonly #missed = new Set<string>();
  #patches = 0;
  /** How often each kind of answer was given, as `POST 201`. */
  readonly answers = new Map<string, number>();

  constructor(key: string, limit: number) {
    this.#key = key;
    this.#limit = limit;
  }

  /** One random request, its answer checked as far as it can be by now. */
  async step(server: Server, random: Random): Promise<void> {
    const kind = random.below(100);
    const ids = this.#created.slice(-contested);
    if (kind < 40 || ids.length === 0) await this.create(server);
    else if (kind < 65) await this.delete(server, random.shuffled(ids).slice(0, 1 + random.below(5)));
    else if (kind < 80) await this.#touch(server, 'PATCH', random.pick(ids));
    else if (kind < 90) await this.#touch(server, 'GET', random.pick(ids));
    else await this.list(server);
  }

  async create(server: Server): Promise<void> {
    const { status, json } = await this.#call(server, 'POST', path, segmentBody());
    expect([201, 403]).toContain(status);
    if (status === 201) this.#created.push(made.parse(json).integration_id);
  }

  async delete(server: Server, ids: readonly string[]): Promise<void> {
    const goneBefore = ids.filter((id) => this.#deleted.has(id));
    const { status, json } = await this.#call(server, 'DELETE', `${path}?ids=${ids.join()}`);
    if (status === 204) {
      // none of them was deleted by anybody else, before or meanwhile
      expect(ids.filter((id) => this.#deleted.has(id))).toEqual([]);
      for (const id of ids) this.#deleted.add(id);
      return;
    }
    expect(status).toBe(404);
    const named = errors
      .parse(json)
      .errors.map(({ message }) => /\((intg_\w+)\)$/.exec(message)?.[1] ?? message);
    expect(named.length).toBeGreaterThan(0);
    expect(ids).toEqual(expect.arrayContaining(named));
    expect(named).toEqual(expect.arrayContaining(goneBefore));
    for (const id of named) this.#missed.add(id);
  }

  async #touch(server: Server, method: 'GET' | 'PATCH', id: string): Promise<void> {
    const goneBefore = this.#deleted.has(id);
    const change = method === 'PATCH' ? { label: `patched ${++this.#patches}` } : undefined;
    const { status } = await this.#call(server, method, `${path}/${id}`, change);
    expect(goneBefore ? [404] : [200, 404]).toContain(status);
    if (status === 404) this.#missed.add(id);
  }

  /** @returns the ids that are listed. */
  async list(server: Server): Promise<readonly string[]> {
    const [createdBefore, goneBefore] = [[...this.#created], new Set(this.#deleted)];
    const { status, json } = await this.#call(server, 'GET', path);
    expect(status).toBe(200);
    const ids = list.parse(json).result.map(({ integration_id }) => integration_id);
    expect(ids.length).toBeLessThanOrEqual(this.#limit);
    expect(ids.filter((id) => goneBefore.has(id))).toEqual([]);
    for (const id of createdBefore.filter((each) => !ids.includes(each))) this.#missed.add(id);
    return ids;
  }

  /** The ids that were created and not deleted, as far as answers tell. */
  get present(): readonly string[] {
    return this.#created.filter((id) => !this.#deleted.has(id));
  }

  /** When nothing is under way: every id is accounted for. */
  async settle(server: Server): Promise<void> {
    expect((await this.list(server)).toSorted()).toEqual(this.present.toSorted());
    // whoever was told that something is missing was told the truth
    expect([...this.#missed].filter((id) => !this.#deleted.has(id))).toEqual([]);
  }

  async #call(server: Server, method: string, target: string, json?: unknown) {
    const answer = await call(server, method, target, { key: this.#key, json });
    const name = `${method} ${answer.status}`;
    this.answers.set(name, (this.answers.get(name) ?? 0) + 1);
    return answer;
  }
}
