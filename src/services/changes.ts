/**
 * Tells those who watch an organization that something changed, and never what: they read it anew. In this process and,
 * through the database, in every other one.
 */
import type { AuditEntry } from '../core/audit.ts';
import { type ChangeTopic, changeTopics, endsAccess, topicOf } from '../core/change.ts';
import { AppError } from '../core/errors.ts';

/** Carries `topic organization organization …`; as a topic also what no watcher is told, that somebody may have lost a way in. */
export const changedChannel = 'jackfield_changed';

const accessTopic = 'access';

/** A person has a few tabs open; more than this of one organization is a loop that opens streams. */
const mostOfOrganization = 50;
/** Each holds a socket and looks its key up now and then. */
const mostOfProcess = 1_000;
/** Watchers are told at most so often, and so are other processes. */
const pauseMs = 1_000;
/** Keeps what one NOTIFY carries below its bound. */
const organizationsAtOnce = 100;

export interface Watcher {
  readonly tell: (topics: readonly ChangeTopic[]) => void;
  /** Makes sure that it may still watch, and ends where it may not. */
  readonly lookAgain: () => void;
  readonly end: () => void;
}

export interface ChangesParts {
  /** Tells the other processes. */
  readonly notify: (payload: string) => Promise<void>;
  readonly onNotifyError: (error: unknown) => void;
}

export class Changes {
  readonly #parts: ChangesParts;
  readonly #watchers = new Map<string, Set<Watch>>();
  /** What other processes have still to be told. */
  readonly #untold = new Map<ChangeTopic, Set<string>>();
  #telling: NodeJS.Timeout | undefined;
  #count = 0;
  #closed = false;

  constructor(parts: ChangesParts) {
    this.#parts = parts;
  }

  /** @returns how to stop watching. @throws AppError rate_limited, overloaded */
  watch(organizationId: string, watcher: Watcher): () => void {
    const existing = this.#watchers.get(organizationId);
    if (existing !== undefined && existing.size >= mostOfOrganization)
      throw new AppError({ code: 'rate_limited' });
    if (this.#closed || this.#count >= mostOfProcess) throw new AppError({ code: 'overloaded' });
    const watches = existing ?? new Set<Watch>();
    const watch = new Watch(watcher);
    watches.add(watch);
    this.#watchers.set(organizationId, watches);
    this.#count += 1;
    return () => {
      if (!watches.delete(watch)) return;
      watch.stop();
      this.#count -= 1;
      if (watches.size === 0) this.#watchers.delete(organizationId);
    };
  }

  /** How many watch now. */
  get watching(): number {
    return this.#count;
  }

  /** Something was changed by this process. */
  changed(organizationId: string, topic: ChangeTopic): void {
    this.#tell(organizationId, topic);
    const organizations = this.#untold.get(topic) ?? new Set();
    this.#untold.set(topic, organizations.add(organizationId));
    if (this.#closed) return;
    this.#telling ??= setTimeout(() => void this.#tellOthers(), pauseMs).unref();
  }

  /** This process wrote to the audit log. */
  audited(entries: readonly AuditEntry[]): void {
    for (const entry of entries) {
      const topic = topicOf(entry);
      if (topic !== undefined) this.changed(entry.organizationId, topic);
    }
    const ended = entries.filter(endsAccess).map((entry) => entry.organizationId);
    for (const organizationId of new Set(ended)) {
      this.#lookAgain(organizationId);
      // at once: what ends access waits for nothing
      void this.#notify([accessTopic, organizationId].join(' '));
    }
  }

  /** Something was changed by a process, this one among them. */
  heard(payload: string): void {
    const [name, ...organizations] = payload.split(' ');
    if (name === accessTopic) for (const organizationId of organizations) this.#lookAgain(organizationId);
    const topic = changeTopics.find((each) => each === name);
    if (topic === undefined) return;
    for (const organizationId of organizations) this.#tell(organizationId, topic);
  }

  /** What was said for a while was not heard: anything may have changed. */
  missed(): void {
    for (const organizationId of this.#watchers.keys()) {
      for (const topic of changeTopics) this.#tell(organizationId, topic);
      this.#lookAgain(organizationId);
    }
  }

  /** Ends every stream; nobody can watch any more. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#telling);
    for (const watches of this.#watchers.values()) for (const { watcher } of watches) watcher.end();
  }

  #tell(organizationId: string, topic: ChangeTopic): void {
    for (const watch of this.#watchers.get(organizationId) ?? []) watch.note(topic);
  }

  #lookAgain(organizationId: string): void {
    for (const { watcher } of this.#watchers.get(organizationId) ?? []) watcher.lookAgain();
  }

  async #tellOthers(): Promise<void> {
    this.#telling = undefined;
    const untold = [...this.#untold].map(([topic, organizations]) => [topic, [...organizations]] as const);
    this.#untold.clear();
    for (const [topic, organizations] of untold) {
      for (let start = 0; start < organizations.length; start += organizationsAtOnce) {
        const some = organizations.slice(start, start + organizationsAtOnce);
        await this.#notify([topic, ...some].join(' '));
      }
    }
  }

  /** Watchers elsewhere look by themselves now and then: nothing is lost for good. */
  async #notify(payload: string): Promise<void> {
    await this.#parts.notify(payload).catch(this.#parts.onNotifyError);
  }
}

/** One watcher: told at once of the first change, and of those within the next second together. */
class Watch {
  readonly watcher: Watcher;
  readonly #pending = new Set<ChangeTopic>();
  #pause: NodeJS.Timeout | undefined;

  constructor(watcher: Watcher) {
    this.watcher = watcher;
  }

  note(topic: ChangeTopic): void {
    this.#pending.add(topic);
    if (this.#pause === undefined) this.#tell();
  }

  stop(): void {
    clearTimeout(this.#pause);
  }

  #tell(): void {
    this.#pause = undefined;
    if (this.#pending.size === 0) return;
    const topics = [...this.#pending];
    this.#pending.clear();
    this.#pause = setTimeout(() => this.#tell(), pauseMs).unref();
    this.watcher.tell(topics);
  }
}
