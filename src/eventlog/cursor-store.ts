/**
 * Cursors in the database: claimed under a lease, moved under a generation. Whoever lost a claim finds that what it
 * says touches no row, and stops.
 */
import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { Schema } from '../storage/schema.ts';
import type { CursorPlace, FilterSpan } from './cursor.ts';
import {
  type AttemptParameters,
  backOff,
  claim,
  claimOf,
  confirm,
  type HeldRow,
  note,
  release,
  releaseAll,
  settle,
} from './cursor-statements.ts';
import { toSpans } from './delivery-rows.ts';
import type { LogEnd } from './event-log.ts';

/** A cursor in a worker's hand. */
export interface HeldCursor extends CursorPlace {
  readonly id: number;
  readonly generation: number;
  readonly integrationId: string;
  readonly organizationId: string;
  readonly provider: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly attempt: number;
  readonly isReplay: boolean;
  /** Of a replay: these events alone. */
  readonly only: readonly number[] | null;
  /** Where it ends for now: the end of the log, or its own. */
  readonly end: LogEnd;
  readonly spans: readonly FilterSpan[];
  readonly dataKey: string;
  readonly sealed: string;
}

export type CursorHold = Pick<HeldCursor, 'id' | 'generation'> & { readonly owner: string };

export interface Attempt {
  readonly firstPosition: number;
  readonly lastPosition: number;
  readonly events: number;
  /** `split`: refused for its content, and sent again in halves. */
  readonly outcome: 'delivered' | 'retry' | 'rejected' | 'split';
  readonly status: number | undefined;
  /** Why there was no answer. */
  readonly error: string | undefined;
  readonly latencyMs: number;
  readonly answer: string;
}

export interface DeadEvent {
  readonly position: number;
  readonly kind: number;
  readonly sgEventId: string;
  readonly reason: string;
}

export interface Claim {
  readonly owner: string;
  readonly leaseMs: number;
  readonly most: number;
  /** So many of them at most may be cursors whose destination failed last. */
  readonly mostFailing: number;
  readonly organizationIds: readonly string[] | undefined;
}

/** What became of events, and where the cursor stands then. */
export interface Settlement {
  readonly cursor: HeldCursor;
  readonly place: CursorPlace;
  /** Whether the destination took any of it. */
  readonly delivered: boolean;
  readonly dead: readonly DeadEvent[];
  /** Since the last settlement. */
  readonly attempts: readonly Attempt[];
  readonly leaseMs: number;
}

export class CursorStore {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** `organizationIds`: looks only there, and only for cursors whose destination did not fail last. */
  async claim({ owner, leaseMs, most, mostFailing, organizationIds }: Claim): Promise<readonly HeldCursor[]> {
    const rows =
      organizationIds === undefined
        ? await claim(this.#db, owner, leaseMs, most, mostFailing)
        : await claimOf(this.#db, owner, leaseMs, most, organizationIds);
    return rows.map(toHeld);
  }

  /** @returns undefined where the cursor is no longer this worker's. */
  async confirm({ id, generation, owner }: CursorHold, leaseMs: number): Promise<HeldCursor | undefined> {
    return (await confirm(this.#db, id, generation, owner, leaseMs)).map(toHeld)[0];
  }

  /** Also confirms the hold. @returns undefined where the cursor was no longer this worker's: only the attempts are noted. */
  async settle(
    { id, generation, owner }: CursorHold,
    { cursor, place, delivered, dead, attempts, leaseMs }: Settlement,
  ): Promise<HeldCursor | undefined> {
    const rows = await settle(
      this.#db,
      id,
      generation,
      owner,
      place.position,
      place.totals,
      delivered,
      dead.map((event) => event.position),
      dead.map((event) => event.kind),
      dead.map((event) => event.sgEventId),
      dead.map((event) => event.reason),
      leaseMs,
      ...toParameters(cursor, attempts),
    );
    return rows.map(toHeld)[0];
  }

  /** Lets go of the cursor until a time, with the reason. @returns whether it was still this worker's. */
  async backOff({ id, generation, owner }: CursorHold, delayMs: number, reason: string): Promise<boolean> {
    return (await backOff(this.#db, id, generation, owner, delayMs, reason)).length > 0;
  }

  async note(cursor: HeldCursor, attempts: readonly Attempt[]): Promise<void> {
    await note(this.#db, ...toParameters(cursor, attempts));
  }

  /** Lets go of a cursor that has caught up; one that had an end and reached it is gone then. */
  async release({ id, generation, owner }: CursorHold): Promise<void> {
    await release(this.#db, id, generation, owner);
  }

  /** Hands back everything at once, for another worker to go on. */
  async releaseAll(owner: string): Promise<void> {
    await releaseAll(this.#db, owner);
  }
}

function toParameters(
  { integrationId, organizationId }: HeldCursor,
  attempts: readonly Attempt[],
): AttemptParameters {
  return [
    integrationId,
    organizationId,
    attempts.map((attempt) => attempt.firstPosition),
    attempts.map((attempt) => attempt.lastPosition),
    attempts.map((attempt) => attempt.events),
    attempts.map((attempt) => attempt.outcome),
    attempts.map((attempt) => attempt.status ?? null),
    attempts.map((attempt) => attempt.latencyMs),
    attempts.map((attempt) => attempt.answer),
    attempts.map((attempt) => attempt.error ?? null),
  ];
}

const settingsForm = z.record(z.string(), z.unknown());

function toHeld(row: HeldRow): HeldCursor {
  const { end_position, end_totals } = row;
  const isReplay = end_position !== null && end_totals !== null;
  return {
    id: row.id,
    generation: row.generation,
    integrationId: row.integration_id,
    organizationId: row.organization_id,
    provider: row.provider,
    settings: settingsForm.parse(row.settings),
    attempt: row.attempt,
    position: row.position,
    totals: row.totals,
    isReplay,
    only: row.only_positions,
    end: isReplay
      ? { position: end_position, totals: end_totals }
      : { position: row.head_position, totals: row.head_totals },
    spans: toSpans(row.spans),
    dataKey: row.data_key,
    sealed: row.sealed,
  };
}
