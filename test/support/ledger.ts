/**
 * What a client knows of its tenant after every answer, and after none: the measure for a process that was killed.
 * One client, one tenant, one request at a time.
 */
import { expect } from 'vitest';
import { z } from 'zod';
import { type Answer, call } from './http.ts';
import type { Random } from './random.ts';
import { segmentBody } from './tenants.ts';

const integrations = '/v3/marketing/integrations';
const apiKeys = '/v3/api_keys';
const madeIntegration = z.object({ integration_id: z.string() });
const madeKey = z.object({ api_key_id: z.string() });
const integrationList = z.object({
  result: z.array(
    z
      .object({ integration_id: z.string(), properties: z.object({ write_key: z.string() }) })
      .transform(({ integration_id: id, properties }) => [id, properties.write_key] as const),
  ),
});
const keyList = z.object({
  result: z.array(
    z
      .object({ api_key_id: z.string(), name: z.string() })
      .transform((key) => [key.api_key_id, key.name] as const),
  ),
});

/** One kind of thing: by id, the text that was stored with it. */
class Shelf {
  readonly kept = new Map<string, string>();
  readonly gone = new Set<string>();
  /** In a delete that was sent and has not been answered. */
  leaving: readonly string[] = [];
  /** In a create that was sent and has not been answered. */
  coming: string | undefined;

  remove(ids: readonly string[]): void {
    for (const id of ids) {
      this.kept.delete(id);
      this.gone.add(id);
    }
    this.leaving = [];
  }

  /** Holds what is really there against it, and takes over what became of the unanswered requests. */
  settle(found: ReadonlyMap<string, string>): void {
    const left = this.leaving.filter((id) => !found.has(id));
    // all or nothing, answered or not
    expect([0, this.leaving.length]).toContain(left.length);
    this.remove(left);
    this.leaving = [];
    const unknown = [...found].filter(([id]) => !this.kept.has(id));
    expect(unknown.map(([, text]) => text)).toEqual(unknown.length === 0 ? [] : [this.coming]);
    for (const [id, text] of unknown) this.kept.set(id, text);
    this.coming = undefined;
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(this.kept));
    expect([...found.keys()].filter((id) => this.gone.has(id))).toEqual([]);
  }
}

export class Ledger {
  readonly #key: string;
  readonly #random: Random;
  readonly #integrations = new Shelf();
  readonly #apiKeys = new Shelf();
  #count = 0;

  constructor(key: string, random: Random) {
    this.#key = key;
    this.#random = random;
  }

  /** How many things are known to be there, and how many to be gone. */
  get size(): { readonly kept: number; readonly gone: number } {
    const shelves = [this.#integrations, this.#apiKeys];
    return {
      kept: shelves.reduce((sum, { kept }) => sum + kept.size, 0),
      gone: shelves.reduce((sum, { gone }) => sum + gone.size, 0),
    };
  }

  /** Takes over what is there already. */
  async open(app: { readonly url: string }): Promise<void> {
    for (const [id, name] of await this.#keysOf(app)) this.#apiKeys.kept.set(id, name);
  }

  /** One random change. @throws when it is not answered. */
  async change(app: { readonly url: string }): Promise<void> {
    const step = this.#random.below(10);
    if (step < 4) await this.#create(app, this.#integrations);
    else if (step < 7) await this.#create(app, this.#apiKeys);
    else if (step < 9) await this.#removeIntegrations(app);
    else await this.#removeApiKey(app);
  }

  /** Holds everything known against what a process serves. */
  async settle(app: { readonly url: string }): Promise<void> {
    const { result } = integrationList.parse((await this.#call(app, 'GET', integrations)).json);
    this.#integrations.settle(new Map(result));
    this.#apiKeys.settle(await this.#keysOf(app));
  }

  async #create(app: { readonly url: string }, shelf: Shelf): Promise<void> {
    const text = `made-${++this.#count}-${this.#random.below(1_000_000)}`;
    shelf.coming = text;
    const { status, json } =
      shelf === this.#apiKeys
        ? await this.#call(app, 'POST', apiKeys, { name: text, scopes: ['marketing.read'] })
        : await this.#call(app, 'POST', integrations, segmentBody(text));
    expect(status).toBe(201);
    const id =
      shelf === this.#apiKeys ? madeKey.parse(json).api_key_id : madeIntegration.parse(json).integration_id;
    shelf.coming = undefined;
    shelf.kept.set(id, text);
  }

  async #removeIntegrations(app: { readonly url: string }): Promise<void> {
    const shelf = this.#integrations;
    shelf.leaving = this.#random.shuffled([...shelf.kept.keys()]).slice(0, 1 + this.#random.below(4));
    if (shelf.leaving.length === 0) return;
    expect((await this.#call(app, 'DELETE', `${integrations}?ids=${shelf.leaving.join()}`)).status).toBe(204);
    shelf.remove(shelf.leaving);
  }

  async #removeApiKey(app: { readonly url: string }): Promise<void> {
    const shelf = this.#apiKeys;
    // the first one is the ledger's own
    shelf.leaving = this.#random.shuffled([...shelf.kept.keys()].slice(1)).slice(0, 1);
    const [id] = shelf.leaving;
    if (id === undefined) return;
    expect((await this.#call(app, 'DELETE', `${apiKeys}/${id}`)).status).toBe(204);
    shelf.remove([id]);
  }

  async #keysOf(app: { readonly url: string }): Promise<ReadonlyMap<string, string>> {
    return new Map(keyList.parse((await this.#call(app, 'GET', apiKeys)).json).result);
  }

  async #call(app: { readonly url: string }, method: string, path: string, json?: unknown): Promise<Answer> {
    return await call(app, method, path, { key: this.#key, json });
  }
}
