/**
 * Repeated writes. The first answer of a key is kept in the transaction of the write itself and given again for 24 h;
 * a failure is not kept, so that it does not outlive its cause. Two at once: the second waits for the first.
 */
import { z } from 'zod';
import { AppError } from '../core/errors.ts';
import type { Caller } from '../core/principal.ts';
import { Secret } from '../core/secret.ts';
import type { IdempotencyScope } from '../storage/idempotency-store.ts';
import type { Stores } from '../storage/storage.ts';
import type { Vault } from '../vault/vault.ts';
import type { BindServices, BoundServices } from './services.ts';

const keptMs = 24 * 60 * 60 * 1_000;

export interface Repeatable {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly key: string;
  /** Everything that makes the request what it is; never stored, only its HMAC. */
  readonly content: Uint8Array;
}

const answerForm = z.object({
  status: z.number(),
  headers: z.record(z.string(), z.string()),
  body: z.unknown(),
});
/** What goes over the wire. */
export type StoredAnswer = z.infer<typeof answerForm>;

export class IdempotencyService {
  readonly #stores: Stores;
  readonly #vault: Vault;
  readonly #bind: BindServices;

  constructor(stores: Stores, vault: Vault, bind: BindServices) {
    this.#stores = stores;
    this.#vault = vault;
    this.#bind = bind;
  }

  /**
   * Runs `write` in a transaction that also keeps its answer, or gives the answer that was kept.
   * @throws AppError idempotency_key_reused, and whatever `write` throws
   */
  async once(
    caller: Caller,
    request: Repeatable,
    write: (services: BoundServices) => Promise<StoredAnswer>,
  ): Promise<{ readonly answer: StoredAnswer; readonly repeated: boolean }> {
    const { organization } = caller;
    const scope = scopeOf(caller, request);
    const binding = {
      organizationId: organization.id,
      recordId: `idempotency:${Object.values(scope).join(' ')}`,
    };
    const fingerprint = await this.#vault.fingerprint(organization.dataKey, organization.id, request.content);
    return await this.#stores.transaction(async (stores) => {
      const claim = await stores.idempotency.claim(scope, fingerprint, keptMs);
      if (claim.kind === 'answered') {
        if (claim.fingerprint !== fingerprint) throw new AppError({ code: 'idempotency_key_reused' });
        const opened = await this.#vault.open(organization.dataKey, binding, claim.sealed);
        return { answer: answerForm.parse(JSON.parse(opened.reveal())), repeated: true };
      }
      const answer = await write(this.#bind(stores));
      const sealed = await this.#vault.seal(
        organization.dataKey,
        binding,
        new Secret(JSON.stringify(answer)),
      );
      await stores.idempotency.keep(scope, sealed);
      return { answer, repeated: false };
    });
  }

  /** Removes what is past its time. Called now and then. */
  async forgetOld(): Promise<void> {
    await this.#stores.idempotency.forgetOlderThan(keptMs);
  }
}

function scopeOf({ organization, actor }: Caller, { method, path, key }: Repeatable): IdempotencyScope {
  return { organizationId: organization.id, actorId: `${actor.type}:${actor.id}`, method, path, key };
}
