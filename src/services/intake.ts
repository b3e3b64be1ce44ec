/** Email events coming in: checked, read one by one, and answered once they are durable. */

import { AppError } from '../core/errors.ts';
import type { EventSource } from '../core/event-source.ts';
import { eventSourceIdForm } from '../core/ids.ts';
import { readWebhookPost } from '../core/webhook-post.ts';
import { isSigned, parsePublicKey } from '../core/webhook-signature.ts';
import type { GroupCommit } from '../eventlog/group-commit.ts';
import type { Storage } from '../storage/storage.ts';
import type { ForwardingMetrics } from '../telemetry/forwarding-metrics.ts';
import type { IntakeBudget, IntakeShare } from './intake-budget.ts';

/** A clock ahead of ours may sign a little in the future. */
const mostAheadMs = 5 * 60_000;
/** Sources change rarely; a change reaches every process within this. */
const sourceCachedMs = 1_000;
const sourcesCached = 10_000;
/** What an event takes on its way to the disk beside its bytes. */
const eventOverheadBytes = 128;

export interface Posting {
  readonly sourceId: string;
  /** Exactly as it came, decompressed at most. */
  readonly body: Uint8Array;
  readonly signature: string | undefined;
  readonly timestamp: string | undefined;
  /** As it was admitted. */
  readonly share: IntakeShare;
}

export interface IntakeResult {
  readonly accepted: number;
  readonly rejected: number;
}

export interface IntakeParts {
  readonly storage: Storage;
  readonly commits: GroupCommit;
  readonly budget: IntakeBudget;
  readonly metrics: ForwardingMetrics;
  readonly signatureMaxAgeMs: number;
}

export class IntakeService {
  readonly #storage: Storage;
  readonly #commits: GroupCommit;
  readonly #budget: IntakeBudget;
  readonly #metrics: ForwardingMetrics;
  readonly #signatureMaxAgeMs: number;
  readonly #sources = new Map<string, { readonly source: EventSource; readonly until: number }>();

  constructor({ storage, commits, budget, metrics, signatureMaxAgeMs }: IntakeParts) {
    this.#storage = storage;
    this.#commits = commits;
    this.#budget = budget;
    this.#metrics = metrics;
    this.#signatureMaxAgeMs = signatureMaxAgeMs;
  }

  /** Before anything of a post is read. @throws AppError event_source_not_found, overloaded */
  async admit(sourceId: string, announcedBytes: number): Promise<IntakeShare> {
    await this.#get(sourceId);
    return this.#budget.admit(announcedBytes);
  }

  /**
   * Resolves once every event is durable. One broken element does not lose the rest: it is kept as rejected.
   * @throws AppError event_source_not_found, signature_missing, signature_invalid, invalid_request, overloaded
   */
  async accept(posting: Posting): Promise<IntakeResult> {
    const { body, share } = posting;
    // once more: its body took its time, and the source may be gone or have a key by now
    const source = await this.#get(posting.sourceId);
    this.#checkSignature(source, posting);
    const post = readWebhookPost(body, source.id);
    if (post === undefined) throw noArray();
    const { events, accepted, rejected } = post;
    share.settle(body.length + events.length * eventOverheadBytes);
    await this.#commits.append(source.organizationId, events);
    this.#metrics.eventsAccepted({ accepted, rejected });
    return { accepted, rejected };
  }

  /** A source that was deleted or changed is so for every process soon: only the second after a look is trusted. */
  async #get(id: string): Promise<EventSource> {
    const now = Date.now();
    const cached = this.#sources.get(id);
    if (cached !== undefined && cached.until > now) return cached.source;
    const source = eventSourceIdForm.test(id) ? await this.#storage.eventSources.findAnywhere(id) : undefined;
    if (source === undefined) throw new AppError({ code: 'event_source_not_found' });
    if (this.#sources.size >= sourcesCached) this.#sources.clear();
    this.#sources.set(id, { source, until: now + sourceCachedMs });
    return source;
  }

  #checkSignature({ publicKey }: EventSource, { signature, timestamp, body }: Posting): void {
    if (publicKey === null) return;
    if (signature === undefined || timestamp === undefined) throw new AppError({ code: 'signature_missing' });
    const key = parsePublicKey(publicKey);
    const ageMs = Date.now() - Number(timestamp) * 1_000;
    const isFresh = ageMs <= this.#signatureMaxAgeMs && ageMs >= -mostAheadMs;
    if (key === undefined || !isFresh || !isSigned(key, { signature, timestamp, body })) {
      throw new AppError({ code: 'signature_invalid' });
    }
  }
}

function noArray(): AppError {
  const message = 'the body must be a JSON array in UTF-8 with at most 1,000,000 values';
  return new AppError({ code: 'invalid_request', issues: [{ path: [], message }] });
}
